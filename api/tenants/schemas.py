"""What the tenant routes take and give."""

from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints

from api.auth.schemas import FullName
from api.paging import Page
from api.schemas import Body, Timestamp
from core.email import Email

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")]
Plan = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_-]{1,40}$")]
Most = Annotated[int, Field(ge=1, le=1_000_000)]


class NewTenant(Body):
    """A new organization; ``admin_email`` is invited as its first admin."""

    name: FullName = Field(examples=["Acme Corp"])
    slug: Slug = Field(examples=["acme-corp"])
    plan: Plan = "free"
    max_users: Most | None = None
    max_campaigns: Most | None = None
    admin_email: Email | None = None


class TenantChange(Body):
    """What is to be different; what is left out stays. An organization's own admin may change the name."""

    name: FullName | None = None
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
    is_active: bool
    users: int
    created_at: Timestamp
    updated_at: Timestamp


class TenantList(Page[Tenant]):
    """A page of organizations, the newest first."""
