"""Checkouts: the link that a lead is given, and the session behind it."""

import base64
import hashlib
import hmac
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from psycopg.rows import DictRow

from core.clock import utc_now
from core.database import Claims, Database
from core.database.pool import Connection
from core.errors import Conflict, Gone, NotFound
from core.payments import repository
from core.payments.provider import Order, PaymentProvider
from core.security.keys import SecretKey

LIFE = timedelta(hours=23)
"""How long a session is good for; Stripe allows a day."""
_SHORTEST = timedelta(minutes=35)
"""Stripe opens no session that ends sooner than in half an hour."""
_MOST_METADATA = 30
_LONGEST_VALUE = 500


@dataclass(frozen=True, slots=True)
class CheckoutLinks:
    """Links that can be given before anything is written."""

    key: bytes
    base_url: str

    @classmethod
    def of(cls, secret_key: SecretKey, base_url: str) -> Self:
        """The installation's links."""
        return cls(secret_key.derive("checkouts"), base_url)

    def id_for(self, conversation_id: str, offer_id: str) -> str:
        """The one checkout of a conversation and an offer: unguessable, and always the same."""
        made = hmac.new(self.key, f"{conversation_id}\n{offer_id}".encode(), hashlib.sha256).digest()
        return "chk_" + base64.b32encode(made[:16]).decode().rstrip("=").lower()

    def url(self, checkout_id: str) -> str:
        """Where a checkout's page is reached."""
        return f"{self.base_url}/pay/{checkout_id}"


class Checkouts:
    """Opens the sessions of checkouts, each once."""

    def __init__(self, database: Database, provider: PaymentProvider, links: CheckoutLinks) -> None:
        self.provider = provider
        self._database = database
        self._links = links

    async def find(self, checkout_id: str) -> DictRow:
        """A checkout's row, its campaign's code and its lead's handle; raises `core.errors.NotFound`."""
        organization_id = await repository.owner_of(self._database, checkout_id)
        if organization_id is not None:
            async with self._database.transaction(Claims.for_organization(organization_id)) as connection:
                row = await repository.checkout(connection, checkout_id)
            if row is not None:
                return row
        raise NotFound("No such checkout.", details={"checkout_id": checkout_id})

    async def open(self, checkout_id: str) -> str:
        """The page where a checkout is paid, with a session that is good.

        Opens one where there is none yet or the last one is over. Safe to call at any time, from anywhere:
        the generation decides the idempotency key. Raises `core.errors.NotFound`, `core.errors.Gone` when
        its conversation was deleted, `core.errors.Conflict` when it is paid, and what
        `PaymentProvider.open_session` raises.
        """
        row = await self.find(checkout_id)
        refuse_unless_payable(row)
        if _is_over(row, utc_now()):
            async with self._claimed(row) as connection:
                await repository.begin_generation(connection, checkout_id, row["generation"])
            row = await self.find(checkout_id)
        if row["session_url"] is not None:
            return str(row["session_url"])
        session = await self.provider.open_session(self._order(row))
        async with self._claimed(row) as connection:
            await repository.keep_session(connection, checkout_id, row["generation"], session.id, session.url)
        return session.url

    def _claimed(self, row: DictRow) -> AbstractAsyncContextManager[Connection]:
        return self._database.transaction(Claims.for_organization(row["organization_id"]))

    def _order(self, row: DictRow) -> Order:
        return Order(
            checkout_id=row["id"],
            idempotency_key=f"{row['id']}-{row['generation']}",
            name=row["offer_name"],
            amount=row["amount"],
            currency=row["currency"],
            billing=row["billing"],
            metadata=metadata(row),
            page=self._links.url(row["id"]),
            expires_at=row["generation_began_at"] + LIFE,
        )


def metadata(row: DictRow) -> dict[str, str]:
    """What Stripe keeps with a checkout, and tells again in its events."""
    about = {
        "checkout_id": row["id"],
        "organization_id": row["organization_id"],
        "kind": row["kind"],
        "offer": row["offer_id"],
    }
    if row["kind"] == "offer":
        about |= {
            "thread_id": row["conversation_id"],
            "campaign_code": row["code"],
            "instagram_handle": f"@{row['handle']}",
        }
    came_with = list(row["source"].items())[:_MOST_METADATA]
    return {**{name: value[:_LONGEST_VALUE] for name, value in came_with}, **about}


def refuse_unless_payable(row: DictRow) -> None:
    """Raise `core.errors.Gone` where the conversation is deleted, `core.errors.Conflict` where it is paid."""
    if row["kind"] == "offer" and row["conversation_id"] is None:
        raise Gone("This checkout is over.", details={"checkout_id": row["id"]})
    if row["status"] == "paid":
        raise Conflict("This was paid already.", details={"checkout_id": row["id"]})


def _is_over(row: DictRow, now: datetime) -> bool:
    ends = row["generation_began_at"] + LIFE
    if row["session_id"] is None:
        return bool(ends - now < _SHORTEST)
    return bool(row["status"] in ("expired", "failed") or ends <= now)
