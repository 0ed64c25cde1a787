"""Signing in."""

from dataclasses import dataclass
from typing import NoReturn

from api.auth.email import normalised_email
from api.auth.repository import Account, accounts_by_email
from core.database import Database
from core.errors import AuthenticationFailed
from core.identifiers import new_id
from core.security.passwords import Passwords
from core.security.tokens import AccessToken, OwnerTokens


@dataclass(frozen=True, slots=True)
class SignedIn:
    """An open session and the account behind it."""

    account: Account
    access_token: AccessToken
    refresh_token: str


class Accounts:
    """The built-in accounts: one answer, after the same work, whatever was wrong."""

    def __init__(self, database: Database, passwords: Passwords, tokens: OwnerTokens) -> None:
        self._database = database
        self._passwords = passwords
        self._tokens = tokens

    async def sign_in(self, email: str, password: str, organization_id: str | None = None) -> SignedIn:
        """Open a session in the wanted organization, or in the account's first one.

        Raises `AuthenticationFailed`.
        """
        accounts = await accounts_by_email(self._database, normalised_email(email) or "")
        stored = accounts[0].password_hash if accounts else None
        verdict = await self._passwords.verify(password, stored)
        account = _chosen(accounts, organization_id)
        if not verdict.valid or account is None or not account.is_active:
            _refuse()
        return self._open(account)

    def _open(self, account: Account) -> SignedIn:
        session_id = new_id("sess")
        access = self._tokens.issue(
            user_id=account.user_id,
            organization_id=account.organization_id,
            role=account.role,
            email=account.email,
            session_id=session_id,
        )
        return SignedIn(account, access, session_id)


def _chosen(accounts: list[Account], organization_id: str | None) -> Account | None:
    fitting = [a for a in accounts if organization_id is None or a.organization_id == organization_id]
    return fitting[0] if fitting else None


def _refuse() -> NoReturn:
    raise AuthenticationFailed("The address or the password is wrong")
