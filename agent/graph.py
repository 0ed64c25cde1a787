"""The sales conversation as a graph: nodes and edges, wiring only."""

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph

from agent.context import AgentContext
from agent.nodes.closer import closer
from agent.nodes.objection_handler import objection_handler
from agent.nodes.perceive import perceive
from agent.nodes.qualifier import qualifier
from agent.routing import SPEAKERS
from agent.state import ConversationState
from agent.turn import TurnState
from core.tracing import traced

Graph = CompiledStateGraph[TurnState, AgentContext, ConversationState, ConversationState]


def build_graph(checkpointer: BaseCheckpointSaver[str] | None = None) -> Graph:
    """Compile the graph.

    Run it with ``astream({"messages": [...]}, config, context=AgentContext(...), stream_mode="custom")``:
    it yields ``{"type": "token", "content": str}`` for each piece of the reply and ends with one
    ``{"type": "settled", ...}``. With ``AgentContext.tell`` they go there instead, and no stream mode is
    needed. ``"stage": "converted"`` in the input records a payment.
    """
    graph = StateGraph(
        TurnState,
        context_schema=AgentContext,
        input_schema=ConversationState,
        output_schema=ConversationState,
    )
    graph.add_node("perceive", traced("perceive", perceive), destinations=SPEAKERS)
    graph.add_node("qualifier_agent", traced("qualifier_agent", qualifier))
    graph.add_node("objection_handler_agent", traced("objection_handler_agent", objection_handler))
    graph.add_node("closer_agent", traced("closer_agent", closer))

    graph.add_edge(START, "perceive")
    for node in SPEAKERS:
        graph.add_edge(node, END)
    return graph.compile(checkpointer=checkpointer, name="limitless")


graph = build_graph()
"""The graph that ``langgraph.json`` names; the platform that serves it brings its own checkpointer."""
