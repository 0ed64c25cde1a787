"""Speaking: a responder's pieces, through the guard, to whoever listens."""

from contextlib import aclosing

from langgraph.runtime import Runtime

from agent.context import AgentContext
from agent.responders.base import Brief
from agent.storable import storable
from agent.turn import Spoken, Turn, TurnState, surroundings


async def speak(brief: Brief, turn: Turn, runtime: Runtime[AgentContext]) -> TurnState:
    """Send the reply as it comes; its first piece starts the reading.

    Without an ``emit`` in the context it goes out as ``{"type": "token", "content": str}`` events.
    """
    context = surroundings(runtime)
    guard = context.guard(brief)
    emit = context.emit or (lambda text: runtime.stream_writer({"type": "token", "content": text}))
    said: list[str] = []

    def send(text: str) -> None:
        if text:
            emit(text)
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
