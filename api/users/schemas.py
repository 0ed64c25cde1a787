"""What the user routes take and give."""

from pydantic import BaseModel, Field

from api.auth.schemas import FullName, NewPassword, PasswordBody
from api.paging import Page
from api.schemas import Body, Timestamp
from core.email import Email
from core.security.permissions import OrganizationRole, Role


class NewUser(PasswordBody):
    """A new account in the organization, with a password to begin with."""

    email: Email
    full_name: FullName = Field(examples=["New User"])
    role: OrganizationRole
    password: NewPassword


class UserChange(Body):
    """What is to be different; what is left out stays."""

    full_name: FullName | None = None
    role: OrganizationRole | None = None
    is_active: bool | None = None
    """False ends every session in this organization at once."""


class User(BaseModel):
    """Somebody of the organization."""

    id: str
    email: str
    full_name: str
    role: Role
    is_active: bool
    tenant_id: str
    created_at: Timestamp


class UserList(Page[User]):
    """A page of people, the newest first."""
