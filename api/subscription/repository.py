"""What an organization's plan is, and how much of it is used."""

from psycopg.rows import DictRow

from core.database.pool import Connection


async def plans_paid(connection: Connection, organization_id: str) -> int:
    """How many checkouts of plans came to a payment."""
    cursor = await connection.execute(
        "select count(*) as n from checkouts"
        " where organization_id = %s and kind = 'plan' and status = 'paid'",
        (organization_id,),
    )
    row = await cursor.fetchone()
    return row["n"] if row else 0


async def standing(connection: Connection, organization_id: str) -> DictRow:
    """``plan``, its limits, and how many people and open campaigns there are."""
    cursor = await connection.execute(
        "select o.plan, o.max_users, o.max_campaigns,"
        " (select count(*) from memberships m where m.organization_id = o.id and m.is_active) as users,"
        " (select count(*) from campaigns c where c.organization_id = o.id and c.is_active"
        "   and (c.expires_at is null or c.expires_at > now())) as campaigns"
        " from organizations o where o.id = %s",
        (organization_id,),
    )
    row = await cursor.fetchone()
    assert row is not None  # noqa: S101 - the principal's organization
    return row
