"""Reading: the newest message into fields, objection and intent, beside the reply and never before it."""

import asyncio

from agent.turn import Turn, Understood
from core.errors import OutsideError
from core.metrics import count_model_error


async def read(turn: Turn, patience_s: float) -> Understood:
    """Starts with the first token. A failed reading costs this turn's corrections and nothing else."""
    await turn.first_token.wait()
    try:
        async with asyncio.timeout(patience_s):
            return Understood(await turn.responder.read(turn.brief))
    except (OutsideError, TimeoutError) as error:
        count_model_error("reading", error)
        return Understood(None, error=type(error).__name__)
