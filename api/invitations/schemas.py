"""What the invitation routes take and give."""

from typing import Literal

from pydantic import BaseModel

from api.auth.schemas import FullName, MailToken, NewPassword, PasswordBody
from api.paging import Page
from api.schemas import Body, Timestamp
from core.email import Email
from core.security.permissions import OrganizationRole, Role


class NewInvitation(Body):
    """Whom to invite, and as what."""

    email: Email
    role: OrganizationRole


class Invitation(BaseModel):
    """An invitation that waits."""

    id: str
    email: str
    role: Role
    invited_by: str | None
    created_at: Timestamp
    expires_at: Timestamp


class InvitationList(Page[Invitation]):
    """A page of them, newest first."""


class AcceptInvitation(PasswordBody):
    """The mailed token; who has no account yet, or never proved its address, also chooses a password."""

    token: MailToken
    full_name: FullName | None = None
    password: NewPassword | None = None


class InvitationAccepted(BaseModel):
    """One may sign in now."""

    success: Literal[True] = True
    organization_id: str
    email: str
