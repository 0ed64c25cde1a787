"""Who is asking."""

from dataclasses import dataclass
from datetime import datetime

from core.database import Claims
from core.errors import Forbidden
from core.security.permissions import ROLE_PERMISSIONS, Role, permitted


@dataclass(frozen=True, slots=True)
class Principal:
    """A person, or a key that acts for one, inside one organization.

    ``scopes`` is None for a person, who may do what the role may; a key may do what its scopes and the
    role behind it both allow.
    """

    user_id: str
    organization_id: str
    role: Role
    email: str
    session_id: str
    expires_at: datetime
    scopes: frozenset[str] | None = None

    @property
    def claims(self) -> Claims:
        """What the principal's transactions state to the database."""
        return Claims.for_organization(self.organization_id, self.user_id)

    def may(self, permission: str) -> bool:
        """Whether the principal holds ``permission``, such as ``write:connections``."""
        if self.scopes is not None and not permitted(self.scopes, permission):
            return False
        return permitted(ROLE_PERMISSIONS[self.role], permission)

    def require(self, permission: str) -> None:
        """Raise `Forbidden` unless the principal holds ``permission``."""
        if not self.may(permission):
            raise Forbidden("Your role does not allow this", details={"required": permission})
