"""Who is asking: by a token of ours, a token of Supabase Auth, or an API key.

Whatever a token says of roles, the membership's row decides, on every request: who was deactivated,
or whose session was ended, is refused at once.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from api.auth import repository
from api.auth.repository import Membership
from api.invitations.service import Invitations
from core.database import Database
from core.errors import Forbidden, InvalidToken
from core.security.api_keys import MARK, key_hash
from core.security.jwt import invalid_token
from core.security.principal import Principal
from core.security.supabase_auth import Identity, SupabaseTokens
from core.security.tokens import OwnerTokens

NEVER: Final = datetime.max.replace(tzinfo=UTC)


class Authenticator:
    """Turns what a request carries into a principal.

    ``organization_id`` is the organization that the request wants to act in; None leaves it to the token.
    """

    def __init__(
        self,
        database: Database,
        own: OwnerTokens,
        supabase: SupabaseTokens | None,
        invitations: Invitations,
    ) -> None:
        self._database = database
        self._own = own
        self._supabase = supabase
        self._invitations = invitations

    async def by_bearer(self, token: str, organization_id: str | None) -> Principal:
        """Who a Bearer token, or an API key in its place, speaks for.

        Raises `core.errors.InvalidToken`, `Forbidden` in a foreign organization, and `Unavailable` when
        Supabase's keys cannot be had.
        """
        if token.startswith(MARK):
            return await self.by_api_key(token, organization_id)
        try:
            claimed = self._own.verify(token)
        except InvalidToken:
            if self._supabase is None:
                raise
            return await self._by_identity(await self._supabase.verify(token), organization_id)
        return await self._in_session(claimed, organization_id)

    async def by_api_key(self, key: str, organization_id: str | None) -> Principal:
        """Who an API key acts for; raises `core.errors.InvalidToken` or `Forbidden`."""
        found = await repository.use_api_key(self._database, key_hash(key))
        if found is None:
            raise invalid_token()
        if organization_id not in (None, found.organization_id):
            raise _foreign()
        return Principal(
            user_id=found.user_id,
            organization_id=found.organization_id,
            role=found.role,
            email=found.email,
            session_id=found.id,
            expires_at=found.expires_at or NEVER,
            scopes=frozenset(found.scopes),
        )

    async def _in_session(self, claimed: Principal, organization_id: str | None) -> Principal:
        wanted = organization_id or claimed.organization_id
        standing = await repository.standing(self._database, claimed.session_id, claimed.user_id, wanted)
        if standing is None:
            raise invalid_token()
        if standing.role is None:
            raise _foreign() if organization_id else invalid_token()
        return Principal(
            user_id=claimed.user_id,
            organization_id=wanted,
            role=standing.role,
            email=standing.email,
            session_id=claimed.session_id,
            expires_at=claimed.expires_at,
        )

    async def _by_identity(self, identity: Identity, organization_id: str | None) -> Principal:
        memberships = await repository.memberships_of_identity(self._database, identity.subject)
        if not memberships and await self._invitations.welcome(identity):
            memberships = await repository.memberships_of_identity(self._database, identity.subject)
        chosen = _chosen(memberships, organization_id, identity.organization_id)
        return Principal(
            user_id=chosen.user_id,
            organization_id=chosen.organization_id,
            role=chosen.role,
            email=chosen.email,
            session_id="",
            expires_at=identity.expires_at,
        )


def _chosen(memberships: Sequence[Membership], organization_id: str | None, hinted: str | None) -> Membership:
    """The wanted membership; without a wish the hinted one where there is one, otherwise the first."""
    active = [one for one in memberships if one.is_active]
    if organization_id is not None:
        active = [one for one in active if one.organization_id == organization_id]
    active.sort(key=lambda one: one.organization_id != hinted)
    if not active:
        raise _foreign()
    return active[0]


def _foreign() -> Forbidden:
    return Forbidden("You are no member of this organization")
