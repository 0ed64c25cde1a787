"""The events of the connection's organization."""

from collections.abc import Mapping
from typing import Any

from psycopg import sql
from psycopg.rows import DictRow

from core.database.pool import Connection

_EVENTS = sql.SQL(
    "select id, seq, occurred_at, event_type, actor_id, address, user_agent, request_id, resource,"
    " resource_id, before, after, encode(hash, 'hex') as hash from audit_events"
    " where (%(event_type)s::text is null or event_type = %(event_type)s)"
    " and (%(actor_id)s::text is null or actor_id = %(actor_id)s)"
    " and (%(resource)s::text is null or resource = %(resource)s)"
    " and (%(resource_id)s::text is null or resource_id = %(resource_id)s)"
    " and (%(since)s::timestamptz is null or occurred_at >= %(since)s)"
    " and (%(until)s::timestamptz is null or occurred_at < %(until)s)"
)
_CHUNK = 500


async def page(
    connection: Connection, filters: Mapping[str, Any], limit: int, offset: int
) -> tuple[list[DictRow], int]:
    """A page of events, the newest first, and how many there are."""
    cursor = await connection.execute(
        sql.SQL("{} order by seq desc limit %(limit)s offset %(offset)s").format(_EVENTS),
        {**filters, "limit": limit, "offset": offset},
    )
    rows = await cursor.fetchall()
    counted = await connection.execute(sql.SQL("select count(*) as n from ({}) e").format(_EVENTS), filters)
    total = await counted.fetchone()
    return rows, total["n"] if total else 0


async def chunk(connection: Connection, filters: Mapping[str, Any], after: int) -> list[DictRow]:
    """The next events behind a sequence number, the oldest first."""
    cursor = await connection.execute(
        sql.SQL("{} and seq > %(after)s order by seq limit %(chunk)s").format(_EVENTS),
        {**filters, "after": after, "chunk": _CHUNK},
    )
    return await cursor.fetchall()
