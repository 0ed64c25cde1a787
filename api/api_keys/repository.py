"""The rows of API keys."""

from collections.abc import Mapping
from typing import Any

from psycopg.rows import DictRow

from core.database.pool import Connection


async def insert(connection: Connection, values: Mapping[str, Any]) -> DictRow:
    """A new key."""
    cursor = await connection.execute(
        "insert into api_keys (id, organization_id, created_by, name, prefix, key_hash, scopes, expires_at)"
        " values (%(id)s, %(organization_id)s, %(created_by)s, %(name)s, %(prefix)s, %(key_hash)s,"
        " %(scopes)s, %(expires_at)s) returning *",
        values,
    )
    row = await cursor.fetchone()
    assert row is not None  # noqa: S101 - an insert that returns
    return row


async def page(connection: Connection, limit: int, offset: int) -> tuple[list[DictRow], int]:
    """A page of the organization's keys, the newest first, and how many there are."""
    cursor = await connection.execute(
        "select * from api_keys order by created_at desc, id desc limit %s offset %s", (limit, offset)
    )
    rows = await cursor.fetchall()
    counted = await (await connection.execute("select count(*) as n from api_keys")).fetchone()
    return rows, counted["n"] if counted else 0


async def revoke(connection: Connection, key_id: str) -> bool:
    """End a key; False when there is none with this id that is in force."""
    cursor = await connection.execute(
        "update api_keys set revoked_at = now() where id = %s and revoked_at is null", (key_id,)
    )
    return cursor.rowcount > 0
