"""Conversations as their owner reads them."""

from typing import Any

from pydantic import BaseModel

from agent.state import Stage
from api.schemas import Timestamp


class ConversationSummary(BaseModel):
    """One line of the list."""

    id: str
    instagram_handle: str
    campaign_code: str
    current_stage: Stage
    qualified: bool
    qualification_score: float
    total_messages: int
    created_at: Timestamp
    last_message_at: Timestamp


class ConversationList(BaseModel):
    """A page of conversations, the newest message first."""

    conversations: list[ConversationSummary]
    total: int
    has_more: bool


class ConversationHead(BaseModel):
    """Whose conversation a transcript is."""

    id: str
    instagram_handle: str


class TranscriptMessage(BaseModel):
    """One message."""

    role: str
    content: str
    timestamp: Timestamp
    metadata: dict[str, Any] | None = None
    """Of the agent's messages: who spoke, with what, and how it stood."""


class Transcript(BaseModel):
    """Everything that was said."""

    conversation: ConversationHead
    messages: list[TranscriptMessage]


class ConversationStanding(BaseModel):
    """Where a conversation stands."""

    thread_id: str
    current_stage: Stage
    qualified: bool
    qualification_score: float
    questions_asked: int
    business_type: str | None
    monthly_revenue: str | None
    fields: dict[str, Any]
    last_message: str | None
    """The lead's newest."""
    next_prompt: str | None
    """The question that is open."""
