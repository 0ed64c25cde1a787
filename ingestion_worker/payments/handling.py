"""Stripe's events, one handler for each kind; what is none of ours is settled and left.

Events come in any order and in any number of copies. Each is handled in one transaction that holds it,
and what it does is such that the order does not matter: what is told later, by Stripe's clock, counts.
"""

from collections.abc import Awaitable, Callable, Mapping

from core.database import Database
from core.payments.events import StripeEvent
from ingestion_worker.payments import adjustments, purchases, renewals, repository, subscriptions

Handler = Callable[[Database, StripeEvent], Awaitable[None]]

HANDLERS: Mapping[str, Handler] = {
    "checkout.session.completed": purchases.completed,
    "checkout.session.async_payment_succeeded": purchases.completed,
    "checkout.session.async_payment_failed": purchases.failed,
    "checkout.session.expired": purchases.expired,
    "charge.refunded": adjustments.charge,
    "charge.refund.updated": adjustments.refund,
    "refund.created": adjustments.refund,
    "refund.updated": adjustments.refund,
    "refund.failed": adjustments.refund,
    "charge.dispute.created": adjustments.dispute,
    "charge.dispute.updated": adjustments.dispute,
    "charge.dispute.closed": adjustments.dispute,
    "charge.dispute.funds_withdrawn": adjustments.dispute,
    "charge.dispute.funds_reinstated": adjustments.dispute,
    "invoice.paid": renewals.paid,
    "invoice.payment_succeeded": renewals.paid,
    "invoice_payment.paid": renewals.attached,
    "customer.subscription.created": subscriptions.changed,
    "customer.subscription.updated": subscriptions.changed,
    "customer.subscription.deleted": subscriptions.changed,
}


async def handle(database: Database, event_id: str) -> None:
    """Handle an event that is kept; nothing when it was handled before."""
    payload = await repository.unsettled_event(database, event_id)
    if payload is None:
        return
    event = StripeEvent.parse(payload)
    handler = HANDLERS.get(event.type)
    if handler is None:
        await repository.settle_for_nobody(database, event_id, "ignored")
    else:
        await handler(database, event)
