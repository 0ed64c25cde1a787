"""Whose token it is: ours, or one of Supabase Auth for somebody who is a member here."""

from api.auth.repository import accounts_by_email
from core.database import Database
from core.errors import InvalidToken
from core.security.principal import Principal
from core.security.supabase_auth import Identity, SupabaseTokens
from core.security.tokens import OwnerTokens


class BearerTokens:
    """Verifies the tokens of owners."""

    def __init__(self, database: Database, own: OwnerTokens, supabase: SupabaseTokens | None) -> None:
        self._database = database
        self._own = own
        self._supabase = supabase

    async def verify(self, token: str) -> Principal:
        """Who the token speaks for; raises `core.errors.InvalidToken`."""
        try:
            return self._own.verify(token)
        except InvalidToken:
            if self._supabase is None:
                raise
        return await self._member(await self._supabase.verify(token))

    async def _member(self, identity: Identity) -> Principal:
        accounts = await accounts_by_email(self._database, identity.email) if identity.email else []
        wished = identity.organization_id
        for account in accounts:
            if account.is_active and wished in (None, account.organization_id):
                return Principal(
                    user_id=account.user_id,
                    organization_id=account.organization_id,
                    role=account.role,
                    email=account.email,
                    session_id=identity.subject,
                    expires_at=identity.expires_at,
                )
        raise InvalidToken("This account is a member of no organization here.")
