"""A turn's way through the graph: its nodes, edges and reducers, without the engine around them.

LangGraph's engine runs branches side by side, interrupts, retries, calls back and streams. A turn takes one
way and needs none of it, and that is a third of what it costs before the model is asked
(``docs/decisions/0015-a-turn-walks-the-graph.md``). It leaves the library's checkpoint behind, from which the
engine goes on.
"""

from typing import Any, cast

from langgraph.channels import BinaryOperatorAggregate
from langgraph.checkpoint.base import Checkpoint
from langgraph.checkpoint.base.id import uuid6
from langgraph.graph import END, START
from langgraph.runtime import Runtime
from langgraph.types import Command

from agent.checkpoints import Left, TurnCheckpoint
from agent.context import AgentContext
from agent.graph import Update, graph, nodes
from agent.state import ConversationState
from agent.turn import TurnState
from core.clock import utc_now

_KEPT = tuple(ConversationState.__annotations__)
_FORMAT = 4
"""Of a checkpoint, as the library's engine writes it."""


class Walker:
    """Runs the graph for turns, one node after the other; one for a process."""

    def __init__(self) -> None:
        self._nodes = nodes()
        self._after = dict(graph.builder.edges)
        self._reducers = {
            name: channel.operator
            for name, channel in graph.channels.items()
            if isinstance(channel, BinaryOperatorAggregate)
        }

    async def __call__(self, given: ConversationState, thread: TurnCheckpoint, context: AgentContext) -> None:
        """Run from start to end; ``thread`` keeps the checkpoint, ``context.tell`` hears what happens.

        Raises what a node raises; nothing is kept then.
        """
        left = await thread.load()
        state = {name: left.values[name] for name in _KEPT if name in left.values}
        self._apply(state, cast("dict[str, Any]", given))
        runtime = Runtime(context=context)
        step, at = left.step, self._after[START]
        while at != END:
            update = await self._nodes[at](cast("TurnState", state), runtime)
            goto, changes = _read(update)
            self._apply(state, changes)
            step, at = step + 1, goto or self._after[at]
        thread.keep(_after(left, state, step), {"source": "loop", "step": step, "parents": {}})

    def _apply(self, state: dict[str, Any], changes: dict[str, Any]) -> None:
        for name, value in changes.items():
            reducer = self._reducers.get(name)
            state[name] = reducer(state.get(name, []), value) if reducer else value


def _read(update: Update) -> tuple[str | None, dict[str, Any]]:
    """Where to go, if a node said so, and what it wrote."""
    if isinstance(update, Command):
        return cast("str", update.goto), cast("dict[str, Any]", update.update)
    return None, cast("dict[str, Any]", update)


def _after(left: Left, state: dict[str, Any], step: int) -> Checkpoint:
    """What the library would have made of it, without the marks that its engine keeps for itself."""
    values = {name: state[name] for name in _KEPT if name in state}
    latest = max((int(str(version).partition(".")[0]) for version in left.versions.values()), default=0)
    return Checkpoint(
        v=_FORMAT,
        id=str(uuid6(clock_seq=step)),
        ts=utc_now().isoformat(),
        channel_values=values,
        channel_versions=dict.fromkeys(values, f"{latest + 1:032}.0"),
        versions_seen={},
        updated_channels=None,
    )
