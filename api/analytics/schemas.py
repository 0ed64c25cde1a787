"""Figures as owners see them. Amounts are in major units of their currency, refunds taken out."""

from datetime import date
from typing import Any

from pydantic import BaseModel

from api.schemas import Timestamp


class Span(BaseModel):
    """Whole days, both ends included, in the organization's time zone."""

    start_date: date
    end_date: date
    time_zone: str


class Money(BaseModel):
    """What was earned in one currency."""

    currency: str
    revenue: float
    """What stayed: payments less what went back."""
    refunded: float
    payments: int


class ObjectionCount(BaseModel):
    """A doubt, in how many conversations it was met, and in how many it was answered each time."""

    type: str
    count: int
    answered: int


class Metrics(BaseModel):
    """The sums."""

    total_clicks: int
    total_conversations: int
    total_qualified: int
    total_conversions: int
    click_rate: float
    """Conversations per click."""
    qualification_rate: float
    """Qualified per conversation."""
    conversion_rate: float
    """Conversions per conversation."""
    avg_messages_per_conversation: float
    avg_time_to_qualification: str | None
    avg_seconds_to_qualification: float | None
    top_objections: list[ObjectionCount]
    revenue: float
    refunded: float
    currency: str
    money: list[Money]
    """The same in every currency; ``revenue`` above is in the one with the most payments."""


class Day(BaseModel):
    """One day: each thing counts on the day on which it happened."""

    date: date
    clicks: int
    conversations: int
    qualified: int
    conversions: int
    revenue: float


class Step(BaseModel):
    """How many got so far, and which share of those before."""

    step: str
    count: int
    share: float


class QuestionFigures(BaseModel):
    """A question: how many answered it, and how many stopped while it was open."""

    field: str
    question: str | None
    answered: int
    stopped: int


class Stop(BaseModel):
    """Where conversations stand that did not convert."""

    stage: str
    field: str | None
    question: str | None
    count: int
    share: float


class Funnel(BaseModel):
    """How far the conversations of these days have come until now."""

    steps: list[Step]
    questions: list[QuestionFigures]
    stops: list[Stop]


class OfferFigures(BaseModel):
    """What one offer earned."""

    offer_id: str
    name: str | None
    conversions: int
    payments: int
    revenue: float
    refunded: float
    currency: str


class ObjectionFigures(BaseModel):
    """What was earned where a doubt was met, by whether it was answered; several doubts count for each."""

    type: str
    """``none`` where no doubt was met."""
    answered: bool | None
    conversions: int
    payments: int
    revenue: float
    refunded: float
    currency: str


class SourceFigures(BaseModel):
    """What came of one source: the campaign parameters of the link, and the network of its click id."""

    source: str | None
    medium: str | None
    campaign: str | None
    content: str | None
    ref: str | None
    network: str | None
    clicks: int
    conversations: int
    qualified: int
    conversions: int
    revenue: float
    refunded: float
    currency: str


class Breakdowns(BaseModel):
    """Where it came from."""

    offers: list[OfferFigures]
    objections: list[ObjectionFigures]
    sources: list[SourceFigures]


class LostQuestion(BaseModel):
    """A question that no document answered, and after which leads were lost."""

    question: str
    count: int
    last_asked_at: Timestamp


class CampaignName(BaseModel):
    """Which campaign."""

    code: str
    name: str


class CampaignAnalytics(BaseModel):
    """One campaign's figures."""

    campaign: CampaignName
    range: Span
    metrics: Metrics
    timeline: list[Day]
    funnel: Funnel
    breakdowns: Breakdowns
    knowledge_gaps: list[LostQuestion]


class Summary(BaseModel):
    """Today, in the organization's time zone."""

    total_campaigns: int
    active_conversations: int
    """Those with a message today."""
    total_qualified_today: int
    total_conversions_today: int
    conversion_rate_today: float
    """Of the active conversations."""
    revenue_today: float
    currency: str


class Conversion(BaseModel):
    """A purchase."""

    instagram_handle: str | None
    """Null where the person was deleted."""
    plan: str
    offer_name: str
    campaign_code: str
    amount: float
    currency: str
    status: str
    test: bool
    completed_at: Timestamp


class Alert(BaseModel):
    """Something to look at."""

    id: str
    type: str
    severity: str
    message: str
    details: dict[str, Any]
    created_at: Timestamp


class Dashboard(BaseModel):
    """All campaigns', or one's."""

    summary: Summary
    recent_conversions: list[Conversion]
    alerts: list[Alert]
    range: Span
    metrics: Metrics
    timeline: list[Day]
    funnel: Funnel
    breakdowns: Breakdowns
    knowledge_gaps: list[LostQuestion]
