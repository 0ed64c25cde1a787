"""A conversation with the graph, turn by turn, with a stand-in for whoever speaks."""

from collections.abc import Mapping, Sequence
from typing import Any

from langchain_core.messages import AnyMessage, HumanMessage
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.memory import InMemorySaver

from agent.checkpoints import StrictMsgpack
from agent.context import AgentContext, Perceive
from agent.graph import build_graph
from agent.playbook.default import default_playbook
from agent.playbook.schema import FieldValue, ObjectionType, Playbook
from agent.responders.base import Brief, Message, Reading
from agent.state import ConversationState, Intent, Perception
from tests.agent.speakers import Speaker

Event = dict[str, Any]


def hears(
    intent: Intent = "answer",
    objection: ObjectionType | None = None,
    language: str = "en",
    facts: Mapping[str, FieldValue] | None = None,
) -> Perceive:
    """A perception that always understands the same."""

    def perceive(
        playbook: Playbook,
        messages: Sequence[Message],
        asked: Sequence[str],
        fields: Mapping[str, FieldValue],
    ) -> tuple[Perception, dict[str, FieldValue]]:
        return Perception(intent=intent, objection=objection, language=language), dict(facts or {})

    return perceive


class Conversation:
    """One thread; ``settled`` is the last turn's snapshot, ``brief`` what its speaker was given."""

    def __init__(self, playbook: Playbook | None = None) -> None:
        self.playbook = playbook or default_playbook()
        self.graph = build_graph(InMemorySaver(serde=StrictMsgpack()))
        self.settled: Event = {}
        self.events: list[Event] = []
        self.speaker = Speaker()

    @property
    def brief(self) -> Brief:
        return self.speaker.briefs[-1]

    async def says(
        self,
        *words: str,
        heard: Perceive | None = None,
        reply: Speaker | str = "I see. And what then?",
        reading: Reading | Exception | None = None,
        state: ConversationState | None = None,
        **context: Any,
    ) -> Event:
        """One turn: the lead says ``words``, which are ``heard`` and read so, and gets ``reply``."""
        self.speaker = reply if isinstance(reply, Speaker) else Speaker([reply], reading)
        if reading is None and not isinstance(reply, Speaker):
            self.speaker.reading = TimeoutError()
        spoken: list[AnyMessage] = [HumanMessage(word) for word in words]
        surroundings = AgentContext(
            playbook=self.playbook, responder=self.speaker, perceive=heard or hears(), **context
        )
        self.events = [
            event
            async for event in self.graph.astream(
                {**(state or {}), "messages": spoken},
                RunnableConfig(configurable={"thread_id": "lead-1"}),
                context=surroundings,
                stream_mode="custom",
                durability="exit",
            )
        ]
        self.settled = self.events[-1]
        return self.settled
