"""The sales conversation as a graph: nodes and edges, wiring only."""

from collections.abc import Awaitable
from typing import Protocol

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.runtime import Runtime
from langgraph.types import Command

from agent.context import AgentContext
from agent.nodes.closer import closer
from agent.nodes.objection_handler import objection_handler
from agent.nodes.perceive import perceive
from agent.nodes.qualifier import qualifier
from agent.routing import SPEAKERS
from agent.state import AgentName, ConversationState
from agent.turn import TurnState
from core.tracing import traced

Graph = CompiledStateGraph[TurnState, AgentContext, ConversationState, ConversationState]
Update = Command[AgentName] | ConversationState


class Node(Protocol):
    """One step of a turn."""

    def __call__(self, state: TurnState, runtime: Runtime[AgentContext]) -> Awaitable[Update]:
        """What it wrote; a command says who is next."""


def nodes() -> dict[str, Node]:
    """What runs in each node, by its name; traced when traces are on."""
    return {
        "perceive": traced("perceive", perceive),
        "qualifier_agent": traced("qualifier_agent", qualifier),
        "objection_handler_agent": traced("objection_handler_agent", objection_handler),
        "closer_agent": traced("closer_agent", closer),
    }


def build_graph(checkpointer: BaseCheckpointSaver[str] | None = None) -> Graph:
    """Compile the graph.

    Run it with ``astream({"messages": [...]}, config, context=AgentContext(...), stream_mode="custom")``:
    it yields ``{"type": "token", "content": str}`` for each piece of the reply and ends with one
    ``{"type": "settled", ...}``. With ``AgentContext.tell`` they go there instead. ``"stage": "converted"``
    in the input records a payment. A turn of the chat takes the same way by `agent.walking.Walker`.
    """
    graph = StateGraph(
        TurnState,
        context_schema=AgentContext,
        input_schema=ConversationState,
        output_schema=ConversationState,
    )
    for name, node in nodes().items():
        graph.add_node(name, node, destinations=SPEAKERS if name == "perceive" else None)

    graph.add_edge(START, "perceive")
    for speaker in SPEAKERS:
        graph.add_edge(speaker, END)
    return graph.compile(checkpointer=checkpointer, name="limitless")


graph = build_graph()
"""The graph that ``langgraph.json`` names; the platform that serves it brings its own checkpointer."""
