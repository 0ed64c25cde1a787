"""Enrolled second factors and their backup codes. The connection's claims name the user."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.database.pool import Connection


@dataclass(frozen=True, slots=True)
class Enrollment:
    """A second factor; it counts once it was confirmed."""

    sealed_secret: bytes
    confirmed_at: datetime | None
    last_step: int
    failures: int
    locked_until: datetime | None


async def locked(connection: Connection, user_id: str) -> Enrollment | None:
    """The user's second factor, held until the transaction ends: codes are checked one at a time."""
    cursor = await connection.execute(
        "select sealed_secret, confirmed_at, last_step, failures, locked_until"
        " from mfa_enrollments where user_id = %s for update",
        (user_id,),
    )
    row = await cursor.fetchone()
    return None if row is None else Enrollment(**row)


async def replace(
    connection: Connection, user_id: str, sealed_secret: bytes, code_hashes: Sequence[bytes]
) -> None:
    """A new, unconfirmed second factor in place of what there was."""
    await delete(connection, user_id)
    await connection.execute(
        "insert into mfa_enrollments (user_id, sealed_secret) values (%s, %s)", (user_id, sealed_secret)
    )
    await connection.execute(
        "insert into mfa_backup_codes (user_id, code_hash) select %s, unnest(%s::bytea[])",
        (user_id, list(code_hashes)),
    )


async def delete(connection: Connection, user_id: str) -> None:
    """No second factor any more."""
    await connection.execute("delete from mfa_enrollments where user_id = %s", (user_id,))


async def confirm(connection: Connection, user_id: str) -> None:
    """From now on it is asked for."""
    await connection.execute(
        "update mfa_enrollments set confirmed_at = now() where user_id = %s and confirmed_at is null",
        (user_id,),
    )


async def use_step(connection: Connection, user_id: str, step: int) -> None:
    """The step's code was right; it and all before it are used up."""
    await connection.execute(
        "update mfa_enrollments set last_step = %s, failures = 0 where user_id = %s", (step, user_id)
    )


async def use_backup_code(connection: Connection, user_id: str, code_hash: bytes) -> bool:
    """Use up a backup code; False when it is none, or was used."""
    cursor = await connection.execute(
        "update mfa_backup_codes set used_at = now()"
        " where user_id = %s and code_hash = %s and used_at is null",
        (user_id, code_hash),
    )
    if cursor.rowcount == 0:
        return False
    await connection.execute("update mfa_enrollments set failures = 0 where user_id = %s", (user_id,))
    return True


async def count_failure(connection: Connection, user_id: str, allowed: int, lock_for: timedelta) -> None:
    """One wrong code more; the last one allowed locks the step and begins the count again."""
    await connection.execute(
        "update mfa_enrollments set"
        " failures = case when failures + 1 >= %(allowed)s then 0 else failures + 1 end,"
        " locked_until = case when failures + 1 >= %(allowed)s then now() + %(lock_for)s"
        " else locked_until end"
        " where user_id = %(user_id)s",
        {"user_id": user_id, "allowed": allowed, "lock_for": lock_for},
    )
