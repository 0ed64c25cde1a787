"""What every speaker does: answer, have the message read beside that, and settle the turn."""

import asyncio

from langgraph.runtime import Runtime

from agent.context import AgentContext
from agent.nodes.reading import read
from agent.nodes.settling import settle
from agent.nodes.speaking import speak
from agent.responders.base import Brief
from agent.state import ConversationState
from agent.turn import TurnState, surroundings
from core.tracing import in_span


async def answer(state: TurnState, brief: Brief, runtime: Runtime[AgentContext]) -> ConversationState:
    """Answer by ``brief``; the run's last event, ``settled``, tells all of what it came to."""
    turn, context = state["turn"], surroundings(runtime)
    tell = context.tell or runtime.stream_writer
    reading = asyncio.create_task(in_span("reading", read(turn, context.reading_timeout_s)))
    try:
        spoken = await speak(brief, turn, context, tell)
        understood = await reading
    finally:
        reading.cancel()
    after, settled = settle(state, spoken, understood)
    tell(settled)
    return after
