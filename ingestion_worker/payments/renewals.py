"""Invoices of what leads pay for by the month or the year: further payments of the same purchase."""

from typing import Any

from psycopg.rows import DictRow

from core.database import Database
from core.database.pool import Connection
from core.payments.events import StripeEvent, part, reference, text, whole
from ingestion_worker.payments import repository
from ingestion_worker.payments.settling import (
    owner_or_wait,
    settle_foreign,
    settle_in,
    wake_waiting,
)


async def paid(database: Database, event: StripeEvent) -> None:
    """An invoice was paid. The first one of a subscription is the purchase, which its session tells."""
    amount = whole(event.object.get("amount_paid"))
    if event.object.get("billing_reason") != "subscription_cycle" or not amount:
        await settle_foreign(database, event, "no renewal")
        return
    owner = await _owner(database, event)
    if owner is None:
        await settle_foreign(database, event, "no subscription of a lead")
        return

    async def apply(connection: Connection) -> str:
        checkout = await repository.locked_checkout(connection, owner["checkout_id"])
        if checkout["kind"] != "offer":
            return "a plan's renewal"
        first = await repository.first_payment(connection, checkout["id"])
        values = _renewal(checkout, first, event, amount)
        await wake_waiting(connection, [values["invoice_id"], values["payment_intent"]])
        payment_id = await repository.insert_payment(connection, values)
        return "known" if payment_id is None else "renewed"

    await settle_in(database, owner["organization_id"], event, apply)


async def attached(database: Database, event: StripeEvent) -> None:
    """Which payment intent paid an invoice: what its refunds and disputes will name."""
    invoice = reference(event.object.get("invoice"))
    intent = reference(part(event.object, "payment").get("payment_intent"))
    if invoice is None or intent is None:
        await settle_foreign(database, event, "about no payment intent")
        return
    owner = await owner_or_wait(database, event, invoice)
    if owner is None:
        return

    async def apply(connection: Connection) -> str:
        await wake_waiting(connection, [intent])
        await repository.attach_intent(connection, owner["payment_id"], intent)
        return "attached"

    await settle_in(database, owner["organization_id"], event, apply)


async def _owner(database: Database, event: StripeEvent) -> DictRow | None:
    """The checkout that the invoice's subscription began with; newer versions of the API nest it."""
    nested = part(event.object, "parent", "subscription_details")
    about = part(nested, "metadata") or part(event.object, "subscription_details", "metadata")
    checkout_id = text(about.get("checkout_id"))
    return None if checkout_id is None else await repository.checkout_owner(database, checkout_id)


def _renewal(checkout: DictRow, first: DictRow | None, event: StripeEvent, amount: int) -> dict[str, Any]:
    invoice = event.object
    details = part(invoice, "parent", "subscription_details")
    currency = text(invoice.get("currency")) or checkout["currency"]
    # Whose conversation was deleted is not written down again.
    known = checkout["conversation_id"] is not None
    return {
        "organization_id": checkout["organization_id"],
        "campaign_id": checkout["campaign_id"],
        "conversation_id": checkout["conversation_id"],
        "checkout_id": checkout["id"],
        "kind": "renewal",
        "converts": False,
        "offer_id": checkout["offer_id"],
        "offer_name": checkout["offer_name"],
        "amount": amount,
        "currency": currency.upper(),
        "source": checkout["source"],
        "objections": first["objections"] if first else {},
        "session_id": None,
        "invoice_id": reference(invoice.get("id")),
        "payment_intent": reference(invoice.get("payment_intent")),
        "subscription_id": reference(details.get("subscription") or invoice.get("subscription")),
        "customer_id": reference(invoice.get("customer")) if known else None,
        "email": text(invoice.get("customer_email")) if known else None,
        "name": text(invoice.get("customer_name")) if known else None,
        "language": first and first["language"],
        "test": event.test,
        "paid_at": event.created,
    }
