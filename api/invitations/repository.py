"""The rows of invitations."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from psycopg.rows import DictRow

from core.database import Claims, Database
from core.database.pool import Connection
from core.security.permissions import Role


@dataclass(slots=True)
class Waiting:
    """An invitation that was followed, and the account that its address has already."""

    id: str
    organization_id: str
    email: str
    role: Role
    user_id: str | None
    verified: bool


async def is_member(connection: Connection, email: str) -> bool:
    """Whether the address belongs to somebody of the organization."""
    cursor = await connection.execute(
        "select from users u join memberships m on m.user_id = u.id"
        " where u.email = %s and m.organization_id = app.staff_organization_id()",
        (email,),
    )
    return await cursor.fetchone() is not None


async def insert(connection: Connection, values: dict[str, Any], lasts: timedelta) -> DictRow:
    """A new invitation in place of one to the same address that still waits."""
    await connection.execute(
        "update invitations set revoked_at = now()"
        " where email = %(email)s and accepted_at is null and revoked_at is null",
        values,
    )
    cursor = await connection.execute(
        "insert into invitations (id, organization_id, email, role, invited_by, expires_at)"
        " values (%(id)s, %(organization_id)s, %(email)s, %(role)s, %(invited_by)s, now() + %(lasts)s)"
        " returning id, email, role, invited_by, created_at, expires_at",
        {**values, "lasts": lasts},
    )
    row = await cursor.fetchone()
    assert row is not None  # noqa: S101 - an insert that returns
    return row


async def page(connection: Connection, limit: int, offset: int) -> tuple[list[DictRow], int]:
    """The invitations that wait, newest first, and how many there are."""
    cursor = await connection.execute(
        "select id, email, role, invited_by, created_at, expires_at from invitations"
        " where accepted_at is null and revoked_at is null and expires_at > now()"
        " order by created_at desc, id desc"
    )
    rows = await cursor.fetchall()
    return rows[offset : offset + limit], len(rows)


async def revoke(connection: Connection, invitation_id: str) -> bool:
    """Take an invitation back; False when none with this id waits."""
    cursor = await connection.execute(
        "update invitations set revoked_at = now()"
        " where id = %s and accepted_at is null and revoked_at is null",
        (invitation_id,),
    )
    return cursor.rowcount > 0


async def accept(connection: Connection, invitation_id: str) -> bool:
    """Use an invitation up; False when somebody was faster."""
    cursor = await connection.execute(
        "update invitations set accepted_at = now()"
        " where id = %s and accepted_at is null and revoked_at is null",
        (invitation_id,),
    )
    return cursor.rowcount > 0


async def by_token(database: Database, token_hash: bytes) -> Waiting | None:
    """The invitation behind a mailed link."""
    rows = await database.fetch(Claims.nobody(), "select * from app.invitation_by_token(%s)", (token_hash,))
    return Waiting(**rows[0]) if rows else None


async def by_email(database: Database, email: str) -> list[Waiting]:
    """Every invitation that waits for an address."""
    rows = await database.fetch(
        Claims.nobody(),
        "select i.*, %s as email, true as verified from app.invitations_by_email(%s) i",
        (email, email),
    )
    return [Waiting(**row) for row in rows]
