"""The checkout without Stripe: a page of our own, plainly a test, that sends the events Stripe would.

Nothing of it is handled in another way: an event is signed, goes to the product's own webhook over HTTP,
and is verified, kept and handled there like any other.
"""

import time
from typing import Any

import aiohttp
import orjson
from psycopg.rows import DictRow

from core.errors import TransientOutsideError
from core.identifiers import new_id
from core.payments.provider import Order, Session
from core.payments.signatures import sign

WEBHOOK_PATH = "/api/webhooks/stripe"
TIMEOUT_S = 5.0


class LocalDesk:
    """A provider that moves no money."""

    name = "a test checkout page"
    test = True

    def __init__(self, secret: str) -> None:
        self._secret = secret

    async def open_session(self, order: Order) -> Session:
        """A session whose page is the checkout's own."""
        return Session(f"cs_test_{order.idempotency_key.replace('-', '_')}", order.page)

    async def cancel_at_period_end(self, subscription_id: str) -> None:
        """Nothing: nobody is charged."""

    async def close(self) -> None:
        """Nothing is open."""

    async def send(self, address: str, event: dict[str, Any]) -> None:
        """Deliver an event to the webhook at ``address``; raises `core.errors.TransientOutsideError`."""
        body = orjson.dumps(event)
        headers = {
            "Stripe-Signature": sign(body, self._secret, int(time.time())),
            "Content-Type": "application/json",
        }
        timeout = aiohttp.ClientTimeout(total=TIMEOUT_S)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout) as session,
                session.post(address + WEBHOOK_PATH, data=body, headers=headers) as answer,
            ):
                if answer.status >= 300:
                    raise TransientOutsideError(f"The webhook answered {answer.status}.")
        except (aiohttp.ClientError, TimeoutError) as fault:
            raise TransientOutsideError("The webhook did not answer.") from fault


def event(kind: str, content: dict[str, Any]) -> dict[str, Any]:
    """An event as Stripe writes it."""
    return {
        "id": new_id("evt").replace("evt_", "evt_test_"),
        "object": "event",
        "type": kind,
        "created": int(time.time()),
        "livemode": False,
        "data": {"object": content},
    }


def paid_session(row: DictRow, about: dict[str, str], email: str, name: str) -> dict[str, Any]:
    """A checkout's session, as it is once it is paid."""
    ending = row["session_id"].removeprefix("cs_test_")
    once = row["billing"] == "once"
    return {
        "id": row["session_id"],
        "object": "checkout.session",
        "mode": "payment" if once else "subscription",
        "status": "complete",
        "payment_status": "paid",
        "amount_total": row["amount"],
        "currency": row["currency"].lower(),
        "client_reference_id": row["id"],
        "customer": f"cus_test_{ending}",
        "customer_details": {"email": email, "name": name},
        "payment_intent": f"pi_test_{ending}" if once else None,
        "subscription": None if once else f"sub_test_{ending}",
        "invoice": None if once else f"in_test_{ending}",
        "metadata": about,
        "livemode": False,
    }
