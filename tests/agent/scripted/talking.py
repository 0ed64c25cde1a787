"""Conversations with the scripted agent, through the whole graph and the guard."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from langchain_core.messages import AnyMessage, HumanMessage
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.memory import InMemorySaver

from agent.checkpoints import StrictMsgpack
from agent.context import AgentContext, Checkout, Findings, Knowledge, no_knowledge
from agent.graph import build_graph
from agent.perception import perceive
from agent.playbook.default import default_playbook
from agent.playbook.schema import FieldValue, ObjectionType, Playbook
from agent.responders.base import Passage
from agent.responders.scripted import ScriptedResponder
from agent.state import ConversationState, Intent, Perception
from tests.agent.conversation import hears

LINK = "https://pay.example/"


@dataclass(frozen=True)
class Says:
    """One message of a lead, and what is understood of it."""

    words: str
    intent: Intent = "answer"
    facts: Mapping[str, FieldValue] = field(default_factory=dict)
    objection: ObjectionType | None = None
    stage: str = ""
    """A stage that the turn begins with, such as ``converted`` once the payment is in."""


def asks(words: str) -> Says:
    return Says(words, "question")


def doubts(words: str, objection: ObjectionType) -> Says:
    return Says(words, "objection", objection=objection)


def tells(words: str, **facts: FieldValue) -> Says:
    return Says(words, "answer", facts)


async def sells(offer_id: str) -> str | None:
    return f"{LINK}{offer_id}"


def documents(*texts: str) -> Knowledge:
    passages = [Passage("doc_1", "FAQ", text) for text in texts]

    async def knowledge(words: str, before: str, perception: Perception) -> Findings:
        return Findings(passages)

    return knowledge


async def talk(
    *lines: Says | str,
    playbook: Playbook | None = None,
    language: str = "en",
    checkout: Checkout = sells,
    knowledge: Knowledge = no_knowledge,
) -> list[str]:
    """The agent's replies. No turn may degrade, and the guard may find nothing to cut.

    A line that is only words is understood by the agent's own perception.
    """
    graph = build_graph(InMemorySaver(serde=StrictMsgpack()))
    replies: list[str] = []
    for line in lines:
        understood = (
            hears(line.intent, line.objection, language, line.facts) if isinstance(line, Says) else perceive
        )
        context = AgentContext(
            playbook=playbook or default_playbook(),
            responder=ScriptedResponder(),
            fallback=ScriptedResponder(),
            perceive=understood,
            checkout=checkout,
            knowledge=knowledge,
        )
        settled = await _turn(graph, line if isinstance(line, Says) else Says(line), context)
        assert not settled["guarded"], settled
        assert not settled["degraded"]
        replies.append(str(settled["reply"]))
    return replies


async def _turn(graph: Any, line: Says, context: AgentContext) -> Mapping[str, Any]:
    given = ConversationState(messages=cast("list[AnyMessage]", [HumanMessage(line.words)]))
    if line.stage:
        given = cast("ConversationState", {**given, "stage": line.stage})
    config = RunnableConfig(configurable={"thread_id": "lead-1"})
    stream = graph.astream(given, config, context=context, stream_mode="custom", durability="exit")
    events: Sequence[Mapping[str, Any]] = [event async for event in stream]
    assert "".join(event["content"] for event in events[:-1]) == events[-1]["reply"]
    return events[-1]
