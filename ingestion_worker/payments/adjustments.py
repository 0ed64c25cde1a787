"""Money that went back: refunds, charges that tell of refunds, and disputes."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from core.database import Database
from core.database.pool import Connection
from core.payments.events import StripeEvent, moment, reference, text, whole
from ingestion_worker.payments import repository
from ingestion_worker.payments.settling import alert, owner_or_wait, settle_foreign, settle_in

Kind = Literal["refund", "charge", "dispute"]

_UNCOUNTED = frozenset({"failed", "canceled", "won", "prevented"})
"""Refunds that did not happen, and disputes that the owner won; inquiries (``warning_…``) take no money."""
_LATER = {
    "pending": 0, "requires_action": 1, "succeeded": 2, "failed": 3, "canceled": 3,
    "warning_needs_response": 0, "warning_under_review": 1, "warning_closed": 2, "needs_response": 3,
    "under_review": 4, "lost": 5, "won": 6, "prevented": 6,
}  # fmt: skip
"""Which of two statuses told in the same second is the later one."""


async def refund(database: Database, event: StripeEvent) -> None:
    """A refund began, went on, or failed."""
    status = text(event.object.get("status")) or ""
    await _take(database, event, "refund", whole(event.object.get("amount")), status)


async def charge(database: Database, event: StripeEvent) -> None:
    """A charge tells the sum of its refunds."""
    amount = whole(event.object.get("amount_refunded"))
    await _take(database, event, "charge", amount, "refunded")


async def dispute(database: Database, event: StripeEvent) -> None:
    """A dispute was opened, went on, or was decided."""
    status = text(event.object.get("status")) or ""
    await _take(database, event, "dispute", whole(event.object.get("amount")), status)


async def _take(database: Database, event: StripeEvent, kind: Kind, amount: int | None, status: str) -> None:
    intent = reference(event.object.get("payment_intent"))
    its_id = text(event.object.get("id"), 255)
    if intent is None or its_id is None or amount is None:
        await settle_foreign(database, event, "about no payment intent")
        return
    owner = await owner_or_wait(database, event, intent)
    if owner is None:
        return

    async def apply(connection: Connection) -> str:
        payment = await repository.locked_payment(connection, owner["payment_id"])
        currency = (text(event.object.get("currency")) or payment["currency"]).upper()
        if currency != payment["currency"]:
            await alert(
                connection,
                payment["organization_id"],
                "refund_mismatch",
                its_id,
                "Money went back in another currency than it came in. It was not counted.",
                {"payment_id": payment["id"], "asked": payment["currency"], "got": currency},
            )
            return "mismatch"
        await repository.adjust(
            connection,
            {
                "id": its_id,
                "organization_id": payment["organization_id"],
                "payment_id": payment["id"],
                "kind": kind,
                "amount": amount,
                "status": status,
                "counted": status not in _UNCOUNTED and not status.startswith("warning"),
                "occurred_at": _when(kind, event.object, event.created),
                "told_at": event.created,
                "rank": amount if kind == "charge" else _LATER.get(status, 0),
            },
        )
        await repository.reckon(connection, payment["id"])
        return f"{kind} {status}"

    await settle_in(database, owner["organization_id"], event, apply)


def _when(kind: Kind, told: Mapping[str, Any], told_at: datetime) -> datetime:
    """A refund and a dispute count on the day on which they began; a charge began with the payment."""
    return told_at if kind == "charge" or told.get("created") is None else moment(told["created"])
