"""Members of the connection's organization."""

from typing import Any

from psycopg import sql
from psycopg.rows import DictRow

from core.database.pool import Connection
from core.security.permissions import Role

_MEMBER = sql.SQL(
    "select u.id, u.email, u.full_name, m.role, m.is_active and u.is_active as is_active,"
    " m.organization_id as tenant_id, m.created_at"
    " from memberships m join users u on u.id = m.user_id"
    " where m.organization_id = app.staff_organization_id()"
)


async def page(
    connection: Connection, role: Role | None, is_active: bool | None, limit: int, offset: int
) -> tuple[list[DictRow], int]:
    """A page of members, the newest first, and how many there are."""
    chosen = sql.SQL(
        "{} and (%(role)s::text is null or m.role = %(role)s)"
        " and (%(is_active)s::boolean is null or (m.is_active and u.is_active) = %(is_active)s)"
    ).format(_MEMBER)
    wanted = {"role": role, "is_active": is_active, "limit": limit, "offset": offset}
    rows = await connection.execute(
        sql.SQL("{} order by m.created_at desc, u.id desc limit %(limit)s offset %(offset)s").format(chosen),
        wanted,
    )
    found = await rows.fetchall()
    total = await connection.execute(sql.SQL("select count(*) as n from ({}) c").format(chosen), wanted)
    counted = await total.fetchone()
    return found, counted["n"] if counted else 0


async def by_id(connection: Connection, user_id: str) -> DictRow | None:
    """One member."""
    cursor = await connection.execute(sql.SQL("{} and u.id = %s").format(_MEMBER), (user_id,))
    return await cursor.fetchone()


async def hold_admins(connection: Connection) -> set[str]:
    """The ids of the active admins, held until the transaction ends so that two cannot go at once."""
    cursor = await connection.execute(
        "select m.user_id from memberships m join users u on u.id = m.user_id"
        " where m.organization_id = app.staff_organization_id() and m.role in ('admin', 'superadmin')"
        " and m.is_active and u.is_active order by m.user_id for update of m"
    )
    return {row["user_id"] for row in await cursor.fetchall()}


async def change_membership(connection: Connection, user_id: str, changes: dict[str, Any]) -> None:
    """Change ``role`` or ``is_active`` in this organization."""
    assignments = sql.SQL(", ").join(
        sql.SQL("{} = {}").format(sql.Identifier(column), sql.Placeholder(column)) for column in changes
    )
    await connection.execute(
        sql.SQL(
            "update memberships set {}, updated_at = now()"
            " where organization_id = app.staff_organization_id() and user_id = %(user_id)s"
        ).format(assignments),
        {**changes, "user_id": user_id},
    )


async def take_invitations_back(connection: Connection, user_id: str) -> None:
    """No link that was mailed to the person leads into the organization any more."""
    await connection.execute(
        "update invitations set revoked_at = now()"
        " where email = (select email from users where id = %s)"
        " and accepted_at is null and revoked_at is null",
        (user_id,),
    )


async def rename(connection: Connection, user_id: str, full_name: str) -> bool:
    """Change a name; False when the person belongs to other organizations, too."""
    cursor = await connection.execute(
        "update users set full_name = %s, updated_at = now() where id = %s", (full_name, user_id)
    )
    return cursor.rowcount > 0


async def remove(connection: Connection, user_id: str) -> None:
    """End the membership, and the account where it was the only one."""
    deleted = await connection.execute(
        "delete from users where id = %s and not app.belongs_elsewhere(id)", (user_id,)
    )
    if deleted.rowcount == 0:
        await connection.execute(
            "delete from memberships where organization_id = app.staff_organization_id() and user_id = %s",
            (user_id,),
        )
