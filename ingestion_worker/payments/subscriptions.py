"""Organizations' own subscriptions with us: what they may, and until when."""

from datetime import UTC, datetime, timedelta
from typing import Any

from psycopg.rows import DictRow

from core.database import Claims, Database
from core.database.pool import Connection
from core.jobs import defer
from core.payments import plans
from core.payments.events import StripeEvent, moment, part, reference, text
from core.payments.repository import subscription as subscription_of
from ingestion_worker.payments import repository
from ingestion_worker.payments import subscription_repository as rows
from ingestion_worker.payments.settling import settle_foreign, settle_in


async def bought(connection: Connection, checkout: DictRow, event: StripeEvent) -> str:
    """The checkout of a plan was paid; Stripe tells of the subscription itself before or after."""
    subscription_id = reference(event.object.get("subscription"))
    if subscription_id is None:
        return "no subscription"
    length = timedelta(days=31 if checkout["billing"] == "month" else 366)
    await repository.raise_status(connection, checkout["id"], "paid")
    await rows.begin(
        connection,
        {
            "organization_id": checkout["organization_id"],
            "tier": checkout["offer_id"],
            "billing_period": _period(checkout),
            "customer_id": reference(event.object.get("customer")),
            "subscription_id": subscription_id,
            "current_period_end": event.created + length,
            "told_at": event.created,
        },
    )
    await _apply(connection, checkout["organization_id"])
    for former in await rows.replaced(connection, checkout["organization_id"], subscription_id):
        await defer(
            connection,
            "payments.end_subscription",
            organization_id=checkout["organization_id"],
            subscription_id=former,
        )
    return "subscribed"


async def changed(database: Database, event: StripeEvent) -> None:
    """A subscription began, was renewed, fell behind or ended."""
    about = part(event.object, "metadata")
    owner = await repository.checkout_owner(database, text(about.get("checkout_id")))
    if owner is None or about.get("kind") != "plan":
        await settle_foreign(database, event)
        return

    async def apply(connection: Connection) -> str:
        checkout = await repository.locked_checkout(connection, owner["checkout_id"])
        status = text(event.object.get("status")) or "canceled"
        await rows.tell(connection, _told(checkout, event, status))
        await _apply(connection, checkout["organization_id"])
        return status

    await settle_in(database, owner["organization_id"], event, apply)


async def lapse(database: Database, organization_id: str, subscription_id: str) -> None:
    """The period of a cancelled subscription is over."""
    async with database.transaction(Claims.for_organization(organization_id)) as connection:
        await rows.lapse(connection, subscription_id)
        await _apply(connection, organization_id)


def _told(checkout: DictRow, event: StripeEvent, status: str) -> dict[str, Any]:
    began = event.object.get("created")
    return {
        "organization_id": checkout["organization_id"],
        "tier": checkout["offer_id"],
        "billing_period": _period(checkout),
        "status": status,
        "customer_id": reference(event.object.get("customer")),
        "subscription_id": reference(event.object.get("id")),
        "current_period_end": _period_end(event),
        "cancel_at_period_end": _ends(event),
        "told_at": event.created,
        "begun_at": event.created if began is None else moment(began),
    }


def _ends(event: StripeEvent) -> bool:
    return event.object.get("cancel_at_period_end") is True or event.object.get("cancel_at") is not None


def _period(checkout: DictRow) -> plans.BillingPeriod:
    return "monthly" if checkout["billing"] == "month" else "yearly"


def _period_end(event: StripeEvent) -> datetime | None:
    """Newer versions of the API have it on the subscription's items."""
    items = part(event.object, "items").get("data")
    first = items[0] if isinstance(items, list) and items and isinstance(items[0], dict) else {}
    found = first.get("current_period_end") or event.object.get("current_period_end")
    return None if found is None else moment(found).astimezone(UTC)


async def _apply(connection: Connection, organization_id: str) -> None:
    """Give the organization what its subscription allows now, or take it back to what it had before."""
    subscription = await subscription_of(connection, organization_id)
    plan = plans.PLANS.get(subscription["tier"]) if subscription else None
    if subscription and plan and subscription["status"] in plans.ENTITLED:
        await rows.entitle(connection, subscription, plan)
    else:
        await rows.withdraw(connection, organization_id, plans.NO_PLAN)
