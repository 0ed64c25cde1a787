"""Signing in: one answer, after the same work, whatever was wrong."""

from api.auth.attempts import Attempts, What
from api.auth.repository import Account, accounts_by_email, member, set_password_hash
from api.auth.sessions import Sessions, SignedIn
from api.mfa.service import SecondFactors
from core.audit import record
from core.database import Claims, Database
from core.email import normalised_email
from core.errors import AuthenticationFailed
from core.security.keys import SecretKey
from core.security.passwords import Passwords
from core.security.tokens import AccessToken, DeviceTokens, MfaTicket, MfaTickets


class Accounts:
    """The built-in accounts."""

    def __init__(
        self,
        database: Database,
        key: SecretKey,
        passwords: Passwords,
        sessions: Sessions,
        second_factors: SecondFactors,
        attempts: Attempts,
    ) -> None:
        self._database = database
        self._passwords = passwords
        self._sessions = sessions
        self._second_factors = second_factors
        self._tickets = MfaTickets(key)
        self._devices = DeviceTokens(key)
        self._attempts = attempts

    async def sign_in(
        self, given_email: str, password: str, organization_id: str | None, device: str | None
    ) -> SignedIn | AccessToken:
        """Open a session in the wanted organization, or in the account's first one.

        Returns a ticket for the second step where the account has one. A browser that signed in before
        shows it by its ``device`` token, and is counted apart: who tries passwords on an account does not
        keep its owner out. Raises `core.errors.AuthenticationFailed` or `RateLimited`.
        """
        email = normalised_email(given_email) or ""
        what: What = "sign-in-again" if self._devices.knows(device, email) else "sign-in"
        await self._attempts.count(what, email)
        accounts = await accounts_by_email(self._database, email)
        account = await self._proven(accounts, password, organization_id)
        await self._attempts.forget(what, email)
        if account.mfa:
            return self._tickets.issue(MfaTicket(account.user_id, account.email, account.organization_id))
        return await self._sessions.open(account)

    async def second_step(self, ticket: str, code: str) -> SignedIn:
        """Open the session that the first step began.

        Raises `core.errors.InvalidToken`, `AuthenticationFailed` or `RateLimited`.
        """
        begun = self._tickets.verify(ticket)
        claims = Claims.for_organization(begun.organization_id, begun.user_id)
        await self._second_factors.check(claims, begun.user_id, code)
        async with self._database.transaction(claims) as connection:
            account = await member(connection, begun.user_id, begun.organization_id)
        if account is None:
            raise _refusal()
        return await self._sessions.open(account)

    def device_token(self, email: str) -> str:
        """What a browser keeps that has just signed in."""
        return self._devices.issue(email)

    async def _proven(self, accounts: list[Account], password: str, organization_id: str | None) -> Account:
        """The account in the wanted organization, if the password is its own and all of it is active."""
        stored = accounts[0].password_hash if accounts else None
        verdict = await self._passwords.verify(password, stored or None)
        fitting = [a for a in accounts if a.is_active and organization_id in (None, a.organization_id)]
        if not verdict.valid or not fitting:
            await self._note_failure(accounts)
            raise _refusal()
        if verdict.new_hash is not None:
            await self._renew(fitting[0], verdict.new_hash)
        return fitting[0]

    async def _note_failure(self, accounts: list[Account]) -> None:
        known = accounts[0] if accounts else None
        claims = Claims.for_organization(known.organization_id) if known else Claims.nobody()
        async with self._database.transaction(claims) as connection:
            await record(connection, "login_failure", "user", known.user_id if known else None)

    async def _renew(self, account: Account, password_hash: str) -> None:
        claims = Claims.for_organization(account.organization_id, account.user_id)
        async with self._database.transaction(claims) as connection:
            await set_password_hash(connection, account.user_id, password_hash)


def _refusal() -> AuthenticationFailed:
    return AuthenticationFailed("The address or the password is wrong")
