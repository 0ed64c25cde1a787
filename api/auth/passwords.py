"""Changing a password, and setting a new one for one that was forgotten."""

from datetime import timedelta
from typing import Final

from api.auth import mailed_links
from api.auth.attempts import Attempts
from api.auth.repository import accounts_by_email, email_of, end_sessions, prove_email, set_password_hash
from core.database import Claims, Database
from core.errors import AuthenticationFailed
from core.identifiers import new_id
from core.jobs import defer
from core.security.jwt import invalid_token
from core.security.mail_tokens import mail_token_hash
from core.security.passwords import Passwords
from core.security.principal import Principal

LASTS: Final = timedelta(hours=1)


class PasswordChanges:
    """The passwords of the built-in accounts."""

    def __init__(self, database: Database, passwords: Passwords, attempts: Attempts) -> None:
        self._database = database
        self._passwords = passwords
        self._attempts = attempts

    async def change(self, principal: Principal, current: str, new: str) -> None:
        """Set a new password and end every other session.

        Raises `core.errors.AuthenticationFailed` when ``current`` is wrong, `RateLimited` when it was too
        often.
        """
        await self._attempts.count("change-password", principal.email)
        accounts = await accounts_by_email(self._database, principal.email)
        verdict = await self._passwords.verify(current, accounts[0].password_hash if accounts else None)
        if not verdict.valid:
            raise AuthenticationFailed("The current password is wrong")
        await self._attempts.forget("change-password", principal.email)
        password_hash = await self._passwords.hash(new)
        async with self._database.transaction(principal.claims) as connection:
            await set_password_hash(connection, principal.user_id, password_hash)
            await end_sessions(connection, principal.user_id, "password", spare=principal.session_id)

    async def ask(self, email: str) -> None:
        """Write down that a password was forgotten; a job finds out whether there is one to write about."""
        if not await self._attempts.may_mail(email):
            return
        async with self._database.transaction(Claims.nobody()) as connection:
            reset_id = new_id("reset")
            await mailed_links.begin_password_reset(connection, reset_id, email, LASTS)
            await defer(connection, "accounts.send_password_reset", reset_id=reset_id)

    async def reset(self, token: str, new: str) -> str:
        """Set the password of the link's owner and end every session; returns the owner's address.

        Raises `core.errors.InvalidToken`.
        """
        token_hash = mail_token_hash(token)
        password_hash = await self._passwords.hash(new)
        async with self._database.transaction(Claims.nobody()) as connection:
            owner = await mailed_links.password_reset_owner(connection, token_hash)
        if owner is None:
            raise invalid_token()
        claims = Claims(organization_id=owner.organization_id, user_id=owner.user_id)
        async with self._database.transaction(claims) as connection:
            if not await mailed_links.use_password_reset(connection, token_hash):
                raise invalid_token()
            await set_password_hash(connection, owner.user_id, password_hash)
            await prove_email(connection, owner.user_id)
            await end_sessions(connection, owner.user_id, "password")
            return await email_of(connection, owner.user_id)
