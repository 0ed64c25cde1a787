"""Speaking: a responder's pieces, through the guard, to whoever listens."""

from contextlib import aclosing

from agent.context import AgentContext, Tell
from agent.responders.base import Brief
from agent.storable import storable
from agent.turn import Spoken, Turn


async def speak(brief: Brief, turn: Turn, context: AgentContext, tell: Tell) -> Spoken:
    """Send the reply as it comes; its first piece starts the reading."""
    guard = context.guard(brief)
    said: list[str] = []

    def send(text: str) -> None:
        if text:
            tell({"type": "token", "content": text})
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
    return Spoken(brief, "".join(said), violation)
