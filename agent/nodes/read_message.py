"""Reading: the newest message into fields, objection and intent, beside the reply and never before it."""

import asyncio

from langgraph.runtime import Runtime

from agent.context import AgentContext
from agent.turn import TurnState, Understood, surroundings
from core.errors import OutsideError


async def read_message(state: TurnState, runtime: Runtime[AgentContext]) -> TurnState:
    """Starts with the first token. A failed reading costs this turn's corrections and nothing else."""
    turn = state["turn"]
    patience_s = surroundings(runtime).reading_timeout_s
    await turn.first_token.wait()
    try:
        async with asyncio.timeout(patience_s):
            return {"understood": Understood(await turn.responder.read(turn.brief))}
    except (OutsideError, TimeoutError) as error:
        return {"understood": Understood(None, error=type(error).__name__)}
