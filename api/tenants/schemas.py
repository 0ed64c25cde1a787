"""What the tenant routes take and give."""

from functools import cache
from typing import Annotated
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, Field, StringConstraints

from api.auth.schemas import FullName
from api.paging import Page
from api.schemas import Body, Timestamp
from core.email import Email

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")]
Plan = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_-]{1,40}$")]
Most = Annotated[int, Field(ge=1, le=1_000_000)]


@cache
def _time_zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _known(name: str) -> str:
    if name not in _time_zones():
        raise ValueError("not a time zone, such as Europe/Berlin")
    return name


TimeZone = Annotated[str, AfterValidator(_known), Field(max_length=64, examples=["Europe/Berlin"])]


class NewTenant(Body):
    """A new organization; ``admin_email`` is invited as its first admin."""

    name: FullName = Field(examples=["Acme Corp"])
    slug: Slug = Field(examples=["acme-corp"])
    plan: Plan = "free"
    max_users: Most | None = None
    max_campaigns: Most | None = None
    admin_email: Email | None = None


class TenantChange(Body):
    """What is to be different; what is left out stays.

    An organization's own admin may change the name and the time zone.
    """

    name: FullName | None = None
    time_zone: TimeZone | None = None
    """Whose days the figures are counted by; all of them are counted anew."""
    slug: Slug | None = None
    plan: Plan | None = None
    max_users: Most | None = None
    max_campaigns: Most | None = None
    is_active: bool | None = None


class Tenant(BaseModel):
    """An organization."""

    id: str
    name: str
    slug: str | None
    plan: str
    max_users: int | None
    max_campaigns: int | None
    time_zone: str
    is_active: bool
    users: int
    created_at: Timestamp
    updated_at: Timestamp


class TenantList(Page[Tenant]):
    """A page of organizations, the newest first."""
