"""How often an account may be tried, whoever tries: the address's own limit stands in front of it."""

from collections.abc import Sequence
from typing import Final, Literal

from api.auth.repository import Account, accounts_by_email
from core.audit import record
from core.database import Claims, Database
from core.errors import RateLimited
from core.limits import Limit, Limits, limit
from core.settings import Settings

What = Literal["sign-in", "sign-in-again", "change-password"]
MAILS: Final = "mails-to"


class Attempts:
    """Counts what is tried on one account; unknown ones are counted like known ones."""

    def __init__(self, database: Database, limits: Limits, settings: Settings) -> None:
        self._database = database
        self._limits = limits
        self._tries = settings.rate_limit_authentication_account
        self._mails = settings.rate_limit_authentication_mails

    async def count(self, what: What, email: str) -> None:
        """Raises `core.errors.RateLimited`; the first refusal of a window is written down."""
        try:
            await self._limits.count(self._limit(what, email), told=False)
        except RateLimited as refusal:
            if refusal.first:
                await self._note(await accounts_by_email(self._database, email), what)
            raise

    async def forget(self, what: What, email: str) -> None:
        """A right password forgives the wrong ones before it."""
        await self._limits.forget(self._limit(what, email))

    async def may_mail(self, email: str) -> bool:
        """Whether one more mail may go to the address, which somebody else may have typed.

        The links in those that went out before are still good.
        """
        return await self._limits.allow(limit(MAILS, email, self._mails))

    def _limit(self, what: What, email: str) -> Limit | None:
        return limit(what, email, self._tries)

    async def _note(self, accounts: Sequence[Account], what: What) -> None:
        known = accounts[0] if accounts else None
        claims = Claims.for_organization(known.organization_id) if known else Claims.nobody()
        async with self._database.transaction(claims) as connection:
            user_id = known.user_id if known else None
            await record(connection, "rate_limit_exceeded", "user", user_id, {"what": what})
