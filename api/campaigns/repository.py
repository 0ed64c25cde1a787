"""The rows of campaigns and their visits."""

from collections.abc import Mapping
from typing import Any

from psycopg import sql
from psycopg.rows import DictRow
from psycopg.types.json import Jsonb

from api.campaigns.schemas import Status
from core.database.pool import Connection
from core.errors import Conflict

_OPEN = "is_active and (expires_at is null or expires_at > now()) and (max_uses is null or uses < max_uses)"
_COUNTED = sql.SQL(
    "select c.*, t.* from campaigns c cross join lateral ("
    " select coalesce(sum(clicks), 0)::bigint as total_clicks,"
    "  coalesce(sum(conversations), 0)::bigint as total_conversations,"
    "  coalesce(sum(qualified), 0)::bigint as total_qualified,"
    "  coalesce(sum(conversions), 0)::bigint as total_conversions"
    " from campaign_totals where campaign_id = c.id) t"
)
"""Campaigns with what the database has counted of them."""
_STATUS: Mapping[Status, sql.SQL] = {
    "active": sql.SQL(_OPEN),
    "expired": sql.SQL("expires_at <= now()"),
    "all": sql.SQL("true"),
}


async def insert(connection: Connection, values: Mapping[str, Any]) -> DictRow:
    """A new campaign; raises `psycopg.errors.UniqueViolation` when its code is taken."""
    cursor = await connection.execute(
        "insert into campaigns (id, organization_id, code, name, description, max_uses, expires_at,"
        " ad_campaign_id, knowledge_categories, knowledge_tags, allowed_origins)"
        " values (%(id)s, %(organization_id)s, %(code)s, %(name)s, %(description)s, %(max_uses)s,"
        " %(expires_at)s, %(ad_campaign_id)s, %(knowledge_categories)s, %(knowledge_tags)s,"
        " %(allowed_origins)s) returning *",
        {"knowledge_categories": [], "knowledge_tags": [], "allowed_origins": [], **values},
    )
    row = await cursor.fetchone()
    assert row is not None  # noqa: S101 - an insert that returns
    return row


async def refuse_if_too_many(connection: Connection) -> None:
    """Raise `core.errors.Conflict` when more campaigns are open than the organization may have.

    Those that are paused or over do not count, as a campaign is never deleted.
    """
    cursor = await connection.execute(
        "select o.max_campaigns from organizations o where o.id = app.staff_organization_id()"
        " and o.max_campaigns < (select count(*) from campaigns c where c.organization_id = o.id"
        "   and c.is_active and (c.expires_at is null or c.expires_at > now()))"
    )
    full = await cursor.fetchone()
    if full is not None:
        raise Conflict(
            "The organization has as many open campaigns as it may; pause one first.",
            details={"max_campaigns": full["max_campaigns"]},
        )


async def by_code(connection: Connection, code: str) -> DictRow | None:
    """The campaign of the organization with this code."""
    cursor = await connection.execute(sql.SQL("{} where c.code = %s").format(_COUNTED), (code,))
    return await cursor.fetchone()


async def page(connection: Connection, status: Status, limit: int, offset: int) -> tuple[list[DictRow], int]:
    """A page of campaigns, newest first, and how many there are."""
    where = _STATUS[status]
    rows = await connection.execute(
        sql.SQL("{} where {} order by c.created_at desc, c.id desc limit %s offset %s").format(
            _COUNTED, where
        ),
        (limit, offset),
    )
    found = await rows.fetchall()
    total = await connection.execute(sql.SQL("select count(*) as n from campaigns where {}").format(where))
    counted = await total.fetchone()
    return found, counted["n"] if counted else 0


async def update(connection: Connection, code: str, changes: Mapping[str, Any]) -> DictRow | None:
    """Change the named columns."""
    assignments = sql.SQL(", ").join(
        sql.SQL("{} = {}").format(sql.Identifier(column), sql.Placeholder(column)) for column in changes
    )
    await connection.execute(
        sql.SQL("update campaigns set {}, updated_at = now() where code = %(code)s").format(assignments),
        {**changes, "code": code},
    )
    return await by_code(connection, code)


async def count_visit(
    connection: Connection, campaign_id: str, visitor: bytes, parameters: Mapping[str, str]
) -> None:
    """Count a click, once for each visitor and day; an ad may turn out to be behind it later that day."""
    await connection.execute(
        "insert into visits as v (organization_id, campaign_id, day, visitor, parameters)"
        " select organization_id, id, (now() at time zone 'UTC')::date, %s, %s from campaigns where id = %s"
        " on conflict (campaign_id, day, visitor) do update set parameters = excluded.parameters"
        " where v.parameters = '{}' and excluded.parameters <> '{}'",
        (visitor, Jsonb(dict(parameters)), campaign_id),
    )
