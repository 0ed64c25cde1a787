"""Speaking: a responder's pieces, through the guard, to whoever listens."""

from contextlib import aclosing

from langgraph.runtime import Runtime

from agent.context import AgentContext
from agent.responders.base import Brief
from agent.storable import storable
from agent.turn import Spoken, Turn, TurnState, surroundings


async def speak(brief: Brief, turn: Turn, runtime: Runtime[AgentContext]) -> TurnState:
    """Stream the reply as ``{"type": "token", "content": str}`` events; the first one starts the reading."""
    guard = surroundings(runtime).guard(brief)
    said: list[str] = []

    def send(text: str) -> None:
        if text:
            runtime.stream_writer({"type": "token", "content": text})
            said.append(text)
            turn.first_token.set()

    try:
        async with aclosing(turn.responder.stream(brief)) as pieces:
            async for piece in pieces:
                send(guard.feed(storable(piece)))
                if guard.tripped:
                    break
        if not guard.tripped:
            send(guard.finish())
    finally:
        turn.first_token.set()
    violation = guard.tripped.kind if guard.tripped else None
    return {"spoken": Spoken(brief, "".join(said), violation)}
