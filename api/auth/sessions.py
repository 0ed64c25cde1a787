"""Sessions: opened at sign-in, carried on by refresh tokens used once each, over at a fixed hour."""

from dataclasses import dataclass
from datetime import timedelta

from api.auth import repository
from api.auth.repository import Account, Session
from core.audit import record
from core.clock import utc_now
from core.database import Claims, Database
from core.database.pool import Connection
from core.identifiers import new_id
from core.security.jwt import invalid_token
from core.security.keys import SecretKey
from core.security.principal import Principal
from core.security.tokens import AccessToken, OwnerTokens, RefreshToken, RefreshTokens


@dataclass(frozen=True, slots=True)
class SignedIn:
    """An open session and the account behind it."""

    account: Account
    access_token: AccessToken
    refresh_token: str


class Sessions:
    """The sessions of the built-in accounts."""

    def __init__(self, database: Database, key: SecretKey, tokens: OwnerTokens, lifetime: timedelta) -> None:
        self._database = database
        self._access = tokens
        self._refresh = RefreshTokens(key)
        self._lifetime = lifetime

    async def open(self, account: Account) -> SignedIn:
        """A new session of ``account``."""
        session = Session(
            id=new_id("sess"),
            user_id=account.user_id,
            organization_id=account.organization_id,
            generation=0,
            expires_at=utc_now() + self._lifetime,
        )
        claims = Claims.for_organization(account.organization_id, account.user_id)
        async with self._database.transaction(claims) as connection:
            await repository.insert_session(connection, session)
            await record(connection, "login_success", "session", session.id)
        return self._signed_in(account, session)

    async def refresh(self, token: str) -> SignedIn:
        """Go on with a session; a token that was used before ends it for everybody.

        Raises `core.errors.InvalidToken`.
        """
        presented = self._refresh.verify(token)
        claims = Claims.for_organization(presented.organization_id, presented.user_id)
        async with self._database.transaction(claims) as connection:
            session = await repository.advance_session(connection, presented.session_id, presented.generation)
            if session is None:
                await _end_if_reused(connection, presented)
                account = None
            else:
                account = await repository.member(connection, session.user_id, session.organization_id)
        if session is None or account is None:
            raise invalid_token()
        return self._signed_in(account, session)

    async def end(self, principal: Principal) -> None:
        """Log out of the principal's session."""
        async with self._database.transaction(principal.claims) as connection:
            await repository.end_session(connection, principal.session_id)

    async def end_everywhere(self, principal: Principal) -> None:
        """Log out of every session of the principal."""
        async with self._database.transaction(principal.claims) as connection:
            await repository.end_sessions(connection, principal.user_id, "everywhere")

    def _signed_in(self, account: Account, session: Session) -> SignedIn:
        access = self._access.issue(
            user_id=account.user_id,
            organization_id=account.organization_id,
            role=account.role,
            email=account.email,
            session_id=session.id,
            not_after=session.expires_at,
        )
        refresh = RefreshToken(session.id, session.user_id, session.organization_id, session.generation)
        return SignedIn(account, access, self._refresh.issue(refresh, session.expires_at))


async def _end_if_reused(connection: Connection, presented: RefreshToken) -> None:
    """A refresh token that was used before is in two hands: nobody goes on with its session."""
    if await repository.end_reused_session(connection, presented.session_id, presented.generation):
        what = {"what": "a refresh token was used twice; its session was ended"}
        await record(connection, "suspicious_activity", "session", presented.session_id, what)
