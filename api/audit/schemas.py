"""What the audit's routes take and give."""

from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from api.paging import Page
from api.schemas import Timestamp

Word = Annotated[str, Field(max_length=100, pattern=r"^[\w.@:+-]*$")]


class Filters(BaseModel):
    """Which events; what is left out is not asked for."""

    model_config = ConfigDict(extra="ignore")

    event_type: Word | None = None
    actor_id: Word | None = None
    resource: Word | None = None
    resource_id: Word | None = None
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None


class AuditEvent(BaseModel):
    """Who did what, from where; ``before`` and ``after`` are without secrets."""

    id: str
    seq: int
    occurred_at: Timestamp
    event_type: str
    actor_id: str | None
    address: str | None
    user_agent: str | None
    request_id: str | None
    resource: str | None
    resource_id: str | None
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    hash: str
    """Links the event to the one before it."""


class AuditPage(Page[AuditEvent]):
    """A page of events, the newest first."""
