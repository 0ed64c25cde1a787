"""Knowledge as owners see it."""

from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints

from api.chat.schemas import CampaignCode
from api.documents.schemas import Labels
from api.schemas import Body, Timestamp


class Trial(Body):
    """A question to try."""

    question: Annotated[str, StringConstraints(min_length=1, max_length=1000)]
    campaign_code: CampaignCode | None = None
    """Search as this campaign's agent would: within what it may use."""
    categories: Labels = Field(default_factory=list)
    tags: Labels = Field(default_factory=list)
    limit: Annotated[int, Field(ge=1, le=20)] = 10


class Found(BaseModel):
    """A passage, and how near it comes."""

    document_id: str
    document: str
    category: str | None
    heading: str | None
    page: int | None
    passage: str
    score: float
    """By which the list is ordered: the reciprocal ranks of both searches, added."""
    similarity: float | None
    """Cosine between the question's meaning and the passage's; null where that search did not find it."""
    word_score: float | None
    word_coverage: float | None
    """Share of the question's weight in words that the passage has; null as above."""
    given_to_agent: bool
    """Whether the agent would see it."""


class TrialResult(BaseModel):
    """What the agent would have to answer from."""

    question: str
    answered: bool
    """Whether the best comes near enough; if not, the agent says that it does not know."""
    relevance: float
    results: list[Found]
    took_ms: float


class GapQuestion(BaseModel):
    """One question, as a lead asked it."""

    id: str
    question: str
    language: str | None
    campaign_code: str | None
    conversation_id: str | None
    asked_at: Timestamp


class KnowledgeGap(BaseModel):
    """Questions that are alike."""

    question: str
    """The newest of them."""
    count: int
    first_asked_at: Timestamp
    last_asked_at: Timestamp
    questions: list[GapQuestion]


class KnowledgeGaps(BaseModel):
    """What to write next, most asked first."""

    gaps: list[KnowledgeGap]
    total: int
    """How many groups there are."""
    questions: int
    has_more: bool


class ForgetGaps(Body):
    """Questions that are dealt with."""

    ids: Annotated[list[Annotated[str, Field(max_length=64)]], Field(min_length=1, max_length=1000)]


class Forgotten(BaseModel):
    """How many were."""

    success: bool = True
    forgotten: int
