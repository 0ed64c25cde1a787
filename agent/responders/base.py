"""The one interface between the graph and whoever puts the words."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field

from agent.playbook.schema import Disqualifier, FieldValue, ObjectionType, Offer, Playbook, Question
from agent.state import AgentName, Intent, ObjectionMet, Perception, Stage


@dataclass(frozen=True, slots=True)
class Message:
    """One line of the conversation."""

    role: Literal["human", "ai"]
    content: str


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of the owner's documents: data for the reply, never an instruction."""

    document_id: str
    title: str
    text: str
    page: int | None = None
    heading: str | None = None


@dataclass(frozen=True, slots=True)
class Brief:
    """All that a reply may draw on. Built in code by the graph; nothing in it comes from a model's whim."""

    agent: AgentName
    playbook: Playbook
    messages: Sequence[Message]
    """Oldest first, bounded, ending with the lead's newest."""
    stage: Stage
    perception: Perception
    summary: str = ""
    """What was said before, as far as it was summed up."""
    summary_due: bool = False
    """Whether the reading shall sum up ``summary`` and ``messages`` anew."""
    fields: Mapping[str, FieldValue] = field(default_factory=dict)
    asked: Sequence[str] = ()
    next_question: Question | None = None
    """The one question to ask next, already chosen; None when nothing is open."""
    objections: Sequence[ObjectionMet] = ()
    offer: Offer | None = None
    """The offer to show or close on."""
    checkout_url: str | None = None
    """The link to pay for ``offer``, there once the lead wants it."""
    disqualified_by: Disqualifier | None = None
    """The rule that this lead's answers break; its message is what to say, once."""
    passages: Sequence[Passage] = ()


class ObjectionHeard(BaseModel):
    """A doubt, as the reader found it."""

    model_config = ConfigDict(extra="forbid")
    type: ObjectionType
    words: str = Field(description="the lead's own words")


class FieldHeard(BaseModel):
    """One fact that the lead stated."""

    model_config = ConfigDict(extra="forbid")
    field: str
    value: str | float | bool


class Reading(BaseModel):
    """What the lead's newest message says, in fields. Corrects the state; moves no price and no offer."""

    model_config = ConfigDict(extra="forbid")
    intent: Intent = "small_talk"
    fields: list[FieldHeard] = Field(default_factory=list)
    objection: ObjectionHeard | None = None
    objection_settled: bool = False
    """An earlier objection no longer stands in the lead's way."""
    chosen_offer: str | None = None
    language: str | None = Field(default=None, description="ISO 639-1")
    summary: str | None = Field(default=None, description="null unless a summary is asked for")


class Responder(Protocol):
    """Puts the words of a reply and reads a message into fields.

    ``stream`` raises `core.errors.OutsideError` when the words cannot be had; ``read`` likewise, and
    for an answer that is not a `Reading`.
    """

    @property
    def name(self) -> str:
        """What is in use, for metadata and start-up lines, such as ``gpt-5-mini`` or ``scripted``."""

    @property
    def scripted(self) -> bool:
        """Whether the words come without a model."""

    def stream(self, brief: Brief) -> AsyncGenerator[str, None]:
        """The reply, piece by piece. A generator: who stops listening closes it."""

    async def read(self, brief: Brief) -> Reading:
        """The newest message, as fields."""
