"""The rows of organizations' subscriptions, as Stripe tells of them."""

from collections.abc import Mapping
from typing import Any

from psycopg.rows import DictRow

from core.database.pool import Connection
from core.payments.plans import ENTITLED, Plan


async def begin(connection: Connection, values: Mapping[str, Any]) -> None:
    """A subscription that was just paid; one that Stripe told of already stays as told, once it was paid."""
    await connection.execute(
        "insert into subscriptions as s (organization_id, tier, billing_period, status, customer_id,"
        " subscription_id, current_period_end, told_at, begun_at) values (%(organization_id)s, %(tier)s,"
        " %(billing_period)s, 'active', %(customer_id)s, %(subscription_id)s, %(current_period_end)s,"
        " %(told_at)s, %(told_at)s) on conflict (subscription_id) do update set status = excluded.status,"
        " told_at = excluded.told_at, updated_at = now()"
        " where s.status = 'incomplete' and s.told_at <= excluded.told_at",
        values,
    )


async def tell(connection: Connection, values: Mapping[str, Any]) -> None:
    """Take in what Stripe tells of a subscription, unless something newer was told before.

    Of two accounts of the same second the one that is nearer to its end counts.
    """
    await connection.execute(
        "insert into subscriptions as s (organization_id, tier, billing_period, status, customer_id,"
        " subscription_id, current_period_end, cancel_at_period_end, told_at, begun_at)"
        " values (%(organization_id)s, %(tier)s, %(billing_period)s, %(status)s, %(customer_id)s,"
        " %(subscription_id)s, %(current_period_end)s, %(cancel_at_period_end)s, %(told_at)s, %(begun_at)s)"
        " on conflict (subscription_id) do update set status = excluded.status,"
        " customer_id = excluded.customer_id,"
        " current_period_end = coalesce(excluded.current_period_end, s.current_period_end),"
        " cancel_at_period_end = excluded.cancel_at_period_end, told_at = excluded.told_at,"
        " begun_at = excluded.begun_at, updated_at = now()"
        " where (s.told_at, app.subscription_rank(s.status, s.cancel_at_period_end))"
        " <= (excluded.told_at, app.subscription_rank(excluded.status, excluded.cancel_at_period_end))",
        values,
    )


async def replaced(connection: Connection, organization_id: str, by: str) -> list[str]:
    """The organization's other subscriptions that would go on."""
    cursor = await connection.execute(
        "select subscription_id from subscriptions where organization_id = %s and subscription_id <> %s"
        " and status = any(%s) and not cancel_at_period_end order by subscription_id",
        (organization_id, by, list(ENTITLED)),
    )
    return [row["subscription_id"] for row in await cursor.fetchall()]


async def lapse(connection: Connection, subscription_id: str) -> None:
    """It was cancelled, and its period is over."""
    await connection.execute(
        "update subscriptions set status = 'canceled', told_at = now(), updated_at = now()"
        " where subscription_id = %s and cancel_at_period_end",
        (subscription_id,),
    )


async def entitle(connection: Connection, subscription: DictRow, plan: Plan) -> None:
    """Give the organization a plan's limits; the ones that it had without a plan are kept for its end."""
    organization_id = subscription["organization_id"]
    await connection.execute(
        "update subscriptions s set entitled = true, max_users_before = o.max_users,"
        " max_campaigns_before = o.max_campaigns from organizations o where o.id = s.organization_id"
        " and s.subscription_id = %s and not exists (select from subscriptions t"
        "   where t.organization_id = s.organization_id and t.entitled)",
        (subscription["subscription_id"],),
    )
    allowed = (plan.tier, plan.max_users, plan.max_campaigns)
    await connection.execute(
        "update organizations set plan = %s, max_users = %s, max_campaigns = %s, updated_at = now()"
        " where id = %s and (plan, max_users, max_campaigns) is distinct from (%s, %s::int, %s::int)",
        (*allowed, organization_id, *allowed),
    )


async def withdraw(connection: Connection, organization_id: str, plan: str) -> None:
    """Give the organization back what it had before its subscription."""
    await connection.execute(
        "with over as (update subscriptions set entitled = false where organization_id = %s and entitled"
        " returning organization_id, max_users_before, max_campaigns_before)"
        " update organizations o set plan = %s, max_users = over.max_users_before,"
        " max_campaigns = over.max_campaigns_before, updated_at = now()"
        " from over where o.id = over.organization_id",
        (organization_id, plan),
    )
