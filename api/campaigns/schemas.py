"""Campaigns as their owner sees them, and as a lead does."""

from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, Field, StringConstraints

from api.documents.schemas import Labels
from api.embedding.origins import AllowedOrigins
from api.schemas import Body, Timestamp
from core.clock import utc_now

Status = Literal["active", "expired", "all"]


def _ahead(moment: AwareDatetime) -> AwareDatetime:
    if moment <= utc_now():
        raise ValueError("lies in the past")
    return moment


Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Description = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)]
OwnWord = Annotated[
    str, StringConstraints(strip_whitespace=True, to_upper=True, pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{2,31}$")
]
MaxUses = Annotated[int, Field(ge=1, le=2_000_000_000)]
Expiry = Annotated[AwareDatetime, AfterValidator(_ahead)]


class NewCampaign(Body):
    """What a new campaign is."""

    name: Name = Field(examples=["Instagram Ads - Jan 2025"])
    description: Description = ""
    max_uses: MaxUses | None = None
    """How many conversations it may begin."""
    expires_at: Expiry | None = None
    code: OwnWord | None = None
    """The owner's own word; otherwise one is made up."""
    ad_campaign_id: Annotated[str, Field(max_length=100)] | None = None
    knowledge_categories: Labels = Field(default_factory=list)
    """The agent answers from documents of these categories only; empty is all."""
    knowledge_tags: Labels = Field(default_factory=list)
    """And from those with any of these tags; empty is all."""
    allowed_origins: AllowedOrigins = Field(default_factory=list)
    """The websites that may show the chat in a frame of theirs, such as ``https://*.example.com``."""


class CampaignChange(Body):
    """What is to be different; what is left out stays."""

    name: Name | None = None
    description: Description | None = None
    max_uses: MaxUses | None = None
    expires_at: Expiry | None = None
    is_active: bool | None = None
    """False pauses, true resumes."""
    ad_campaign_id: Annotated[str, Field(max_length=100)] | None = None
    knowledge_categories: Labels | None = None
    knowledge_tags: Labels | None = None
    allowed_origins: AllowedOrigins | None = None


class Created(BaseModel):
    """A campaign that was just made."""

    id: str
    code: str
    name: str
    url: str
    qr_code_url: str
    created_at: Timestamp


class CampaignCreated(BaseModel):
    """The answer to a new campaign."""

    success: Literal[True] = True
    campaign: Created


class Campaign(BaseModel):
    """A campaign and its counters."""

    id: str
    code: str
    name: str
    description: str
    url: str
    qr_code_url: str
    total_clicks: int
    total_conversations: int
    total_qualified: int
    total_conversions: int
    conversion_rate: float
    max_uses: int | None
    expires_at: Timestamp | None
    is_active: bool
    status: Literal["open", "paused", "expired", "used_up"]
    ad_campaign_id: str | None
    knowledge_categories: list[str]
    knowledge_tags: list[str]
    allowed_origins: list[str]
    created_at: Timestamp


class CampaignList(BaseModel):
    """A page of campaigns."""

    campaigns: list[Campaign]
    total: int
    has_more: bool


class PublicCampaign(BaseModel):
    """What a lead may know."""

    code: str
    name: str
    expires_at: Timestamp | None
    is_active: bool


class CampaignValidity(BaseModel):
    """The campaign takes conversations."""

    valid: Literal[True] = True
    campaign: PublicCampaign
