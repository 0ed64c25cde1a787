"""The rows of the vault. The connection's claims decide whose."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from typing import Any

from psycopg.rows import DictRow
from psycopg.types.json import Jsonb

from core.database.pool import Connection

_SEALING = 5_140_377_031
"""An advisory lock: shared by whoever seals, exclusive for the moment when the master key changes."""


@dataclass(frozen=True, slots=True)
class Master:
    """How a master key is derived."""

    id: str
    key_id: str
    salt: bytes
    iterations: int


async def masters(connection: Connection) -> list[Master]:
    """All that are on record."""
    cursor = await connection.execute("select id, key_id, salt, iterations from app.vault_masters")
    return [Master(**row) for row in await cursor.fetchall()]


async def insert_master(connection: Connection, master: Master) -> None:
    """A new one, unless its secret has one already; for maintenance."""
    await connection.execute(
        "insert into app.vault_masters (id, key_id, salt, iterations) values (%s, %s, %s, %s)"
        " on conflict (key_id) do nothing",
        (master.id, master.key_id, master.salt, master.iterations),
    )


async def delete_unused_masters(connection: Connection, spare: str) -> None:
    """Forget those that wrap nothing any more; for maintenance."""
    await connection.execute(
        "delete from app.vault_masters m where m.id <> %s"
        " and not exists (select from vault_secrets s where s.master_id = m.id)",
        (spare,),
    )


async def hold_master(connection: Connection) -> None:
    """Until the transaction ends, the newest master key stays the newest."""
    await connection.execute("select pg_advisory_xact_lock_shared(%s)", (_SEALING,))


async def await_sealing(connection: Connection) -> None:
    """Wait for everybody who is sealing with what was the newest master key."""
    await connection.execute("select pg_advisory_xact_lock(%s)", (_SEALING,))


async def active(connection: Connection, provider: str, key_name: str) -> DictRow | None:
    """The secret in force, whatever its expiry says."""
    cursor = await connection.execute(
        "select * from vault_secrets where provider = %s and key_name = %s and status = 'active'",
        (provider, key_name),
    )
    return await cursor.fetchone()


async def newest(connection: Connection, provider: str, key_name: str) -> DictRow | None:
    """The last version, in force or not."""
    cursor = await connection.execute(
        "select * from vault_secrets where provider = %s and key_name = %s order by version desc limit 1",
        (provider, key_name),
    )
    return await cursor.fetchone()


async def hold_newest(connection: Connection, provider: str, key_name: str) -> DictRow | None:
    """The same; nobody else makes a newer one until the transaction ends."""
    await connection.execute(
        "select pg_advisory_xact_lock(hashtextextended(app.organization_id() || %s::text, 0))",
        (f"/vault/{provider}/{key_name}",),
    )
    return await newest(connection, provider, key_name)


async def page(connection: Connection, limit: int, offset: int) -> tuple[list[DictRow], int]:
    """The last version of each secret, by name, and how many there are."""
    cursor = await connection.execute(
        "select *, count(*) over () as total from (select distinct on (provider, key_name) *"
        " from vault_secrets order by provider, key_name, version desc) s"
        " order by provider, key_name limit %s offset %s",
        (limit, offset),
    )
    rows = await cursor.fetchall()
    return rows, rows[0]["total"] if rows else 0


async def insert(connection: Connection, values: Mapping[str, Any]) -> DictRow:
    """A new version; raises `psycopg.errors.UniqueViolation` when one is in force."""
    cursor = await connection.execute(
        "insert into vault_secrets (id, organization_id, provider, key_name, version, master_id, wrapped_key,"
        " ciphertext, metadata, next_rotation, expires_at, created_by)"
        " values (%(id)s, %(organization_id)s, %(provider)s, %(key_name)s, %(version)s, %(master_id)s,"
        " %(wrapped_key)s, %(ciphertext)s, %(metadata)s, %(next_rotation)s, %(expires_at)s, %(created_by)s)"
        " returning *",
        {**values, "metadata": Jsonb(values["metadata"])},
    )
    row = await cursor.fetchone()
    assert row is not None  # noqa: S101 - an insert that returns
    return row


async def retire(connection: Connection, secret_id: str, status: str) -> None:
    """Put a version out of force; what was sealed in it is gone."""
    await connection.execute(
        "update vault_secrets set status = %s, wrapped_key = null, ciphertext = null, updated_at = now()"
        " where id = %s",
        (status, secret_id),
    )


async def count_use(connection: Connection, secret_id: str) -> None:
    """The secret was opened."""
    await connection.execute(
        "update vault_secrets set usage_count = usage_count + 1, last_used = now() where id = %s",
        (secret_id,),
    )


async def wrapped_by_others(connection: Connection, master_id: str, after: str, most: int) -> list[DictRow]:
    """Secrets behind ``after`` whose data keys another master key wraps, held; for maintenance."""
    cursor = await connection.execute(
        "select id, organization_id, provider, key_name, version, master_id, wrapped_key from vault_secrets"
        " where master_id <> %s and id > %s order by id limit %s for update",
        (master_id, after, most),
    )
    return await cursor.fetchall()


async def rewrap(connection: Connection, secret_id: str, master_id: str, wrapped_key: bytes | None) -> None:
    """The secret's data key under another master key."""
    await connection.execute(
        "update vault_secrets set master_id = %s, wrapped_key = %s where id = %s",
        (master_id, wrapped_key, secret_id),
    )


async def expire(connection: Connection) -> int:
    """Put out of force what has expired, in every organization; for maintenance."""
    cursor = await connection.execute(
        "update vault_secrets set status = 'expired', wrapped_key = null, ciphertext = null,"
        " updated_at = now() where status = 'active' and expires_at <= now()"
    )
    return cursor.rowcount


async def take_due(connection: Connection, before: datetime) -> list[DictRow]:
    """Secrets in force whose rotation is due by then, each given once; for maintenance."""
    cursor = await connection.execute(
        "update vault_secrets set warned_at = now()"
        " where status = 'active' and next_rotation <= %s and warned_at is null"
        " returning organization_id, provider, key_name, next_rotation",
        (before,),
    )
    return sorted(await cursor.fetchall(), key=itemgetter("organization_id", "next_rotation"))
