"""What a conversation remembers between turns. Plain values only: it goes through strict msgpack."""

from collections.abc import Sequence
from typing import Annotated, Literal

from langchain_core.messages import AnyMessage, BaseMessage, convert_to_messages
from typing_extensions import TypedDict

from agent.playbook.schema import FieldValue, ObjectionType

Stage = Literal["qualification", "objection_handling", "closing", "converted", "disqualified"]
AgentName = Literal["qualifier_agent", "objection_handler_agent", "closer_agent"]
Ending = Literal["refused", "unfit"]
Intent = Literal["answer", "question", "objection", "ready_to_buy", "refusal", "asks_if_ai", "small_talk"]

HISTORY_LIMIT = 24
"""Messages kept in the state; the transcript keeps them all."""


class ObjectionMet(TypedDict):
    """A doubt that the lead raised."""

    type: ObjectionType
    words: str
    answered: bool


class Perception(TypedDict):
    """What was understood of the newest message without a model call."""

    intent: Intent
    objection: ObjectionType | None
    language: str


def recent(kept: Sequence[BaseMessage], new: Sequence[BaseMessage]) -> list[BaseMessage]:
    """Append what was said and keep the last `HISTORY_LIMIT`: a checkpoint does not grow with its thread."""
    said = [message for message in convert_to_messages(list(new)) if message.type in ("human", "ai")]
    return [*kept, *said][-HISTORY_LIMIT:]


class ConversationState(TypedDict, total=False):
    """One thread."""

    messages: Annotated[list[AnyMessage], recent]
    summary: str
    """What was said, as far as a model has summed it up."""
    untold: int
    """How many messages the summary does not tell of."""
    stage: Stage
    resume_stage: Stage
    """Where to go back to once an objection is handled, or an end is taken back."""
    ending: Ending | None
    """Why a conversation is `disqualified`: the lead said no, or an answer rules the lead out."""
    fields: dict[str, FieldValue]
    """What was learned, by the playbook's field names."""
    asked: list[str]
    """Fields asked for, in order; the last one is what a bare answer belongs to."""
    objections: list[ObjectionMet]
    score: float
    offer_shown: str | None
    offer_chosen: str | None
    agent: AgentName
    """Who spoke last."""
    perception: Perception
    language: str
    next_prompt: str | None
    """The question that is open, in the playbook's words."""
