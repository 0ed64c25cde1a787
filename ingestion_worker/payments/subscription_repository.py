"""The rows of organizations' subscriptions."""

from collections.abc import Mapping
from typing import Any

from psycopg.rows import DictRow

from core.database.pool import Connection


async def subscription(connection: Connection, organization_id: str) -> DictRow | None:
    """The organization's subscription."""
    cursor = await connection.execute(
        "select * from subscriptions where organization_id = %s", (organization_id,)
    )
    return await cursor.fetchone()


async def begin(connection: Connection, values: Mapping[str, Any]) -> None:
    """A subscription that was just paid; one that Stripe told of already stays as it was told."""
    await connection.execute(
        "insert into subscriptions as s (organization_id, tier, billing_period, status, customer_id,"
        " subscription_id, current_period_end, told_at) values (%(organization_id)s, %(tier)s,"
        " %(billing_period)s, 'active', %(customer_id)s, %(subscription_id)s, %(current_period_end)s,"
        " %(told_at)s) on conflict (organization_id) do update set tier = excluded.tier,"
        " billing_period = excluded.billing_period, status = excluded.status,"
        " customer_id = excluded.customer_id, subscription_id = excluded.subscription_id,"
        " current_period_end = excluded.current_period_end, cancel_at_period_end = false,"
        " told_at = excluded.told_at, updated_at = now()"
        " where s.subscription_id <> excluded.subscription_id and s.told_at <= excluded.told_at",
        values,
    )


async def tell(connection: Connection, values: Mapping[str, Any]) -> None:
    """Take in what Stripe tells of a subscription, unless something newer was told before.

    Of two accounts of the same second the one that is nearer to its end counts.
    """
    await connection.execute(
        "insert into subscriptions as s (organization_id, tier, billing_period, status, customer_id,"
        " subscription_id, current_period_end, cancel_at_period_end, told_at) values (%(organization_id)s,"
        " %(tier)s, %(billing_period)s, %(status)s, %(customer_id)s, %(subscription_id)s,"
        " %(current_period_end)s, %(cancel_at_period_end)s, %(told_at)s)"
        " on conflict (organization_id) do update set tier = excluded.tier,"
        " billing_period = excluded.billing_period, status = excluded.status,"
        " customer_id = excluded.customer_id, subscription_id = excluded.subscription_id,"
        " current_period_end = coalesce(excluded.current_period_end, s.current_period_end),"
        " cancel_at_period_end = excluded.cancel_at_period_end, told_at = excluded.told_at,"
        " updated_at = now()"
        " where (s.told_at, app.subscription_rank(s.status, s.cancel_at_period_end))"
        " <= (excluded.told_at, app.subscription_rank(excluded.status, excluded.cancel_at_period_end))",
        values,
    )


async def entitle(
    connection: Connection,
    organization_id: str,
    tier: str,
    max_users: int | None,
    max_campaigns: int | None,
) -> None:
    """Give the organization a plan's limits; the ones that it had without a plan are kept for its end."""
    await connection.execute(
        "update subscriptions s set max_users_before = o.max_users, max_campaigns_before = o.max_campaigns"
        " from organizations o where o.id = s.organization_id and o.id = %s and not s.entitled",
        (organization_id,),
    )
    await connection.execute(
        "update subscriptions set entitled = true where organization_id = %s and not entitled",
        (organization_id,),
    )
    await connection.execute(
        "update organizations set plan = %s, max_users = %s, max_campaigns = %s, updated_at = now()"
        " where id = %s and (plan, max_users, max_campaigns) is distinct from (%s, %s::int, %s::int)",
        (tier, max_users, max_campaigns, organization_id, tier, max_users, max_campaigns),
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
