"""The rows of organizations."""

from collections.abc import Mapping
from typing import Any

from psycopg import sql
from psycopg.rows import DictRow

from core.database.pool import Connection


async def page(connection: Connection, limit: int, offset: int) -> tuple[list[DictRow], int]:
    """A page of every organization, if the connection's user is a superadmin."""
    cursor = await connection.execute("select * from app.list_organizations(%s, %s)", (limit, offset))
    rows = await cursor.fetchall()
    return rows, rows[0]["total"] if rows else await _total(connection)


async def _total(connection: Connection) -> int:
    cursor = await connection.execute("select total from app.list_organizations(1, 0)")
    row = await cursor.fetchone()
    return row["total"] if row else 0


async def current(connection: Connection) -> DictRow | None:
    """The organization of the connection's claims."""
    cursor = await connection.execute(
        "select o.id, o.name, o.slug, o.plan, o.max_users, o.max_campaigns, o.time_zone, o.is_active,"
        " o.created_at, o.updated_at,"
        " (select count(*) from memberships m where m.organization_id = o.id and m.is_active) as users"
        " from organizations o where o.id = app.staff_organization_id()"
    )
    return await cursor.fetchone()


async def insert(connection: Connection, values: Mapping[str, Any]) -> None:
    """A new one; the connection's claims must be its own. Raises `psycopg.errors.UniqueViolation`."""
    await connection.execute(
        "insert into organizations (id, name, slug, plan, max_users, max_campaigns)"
        " values (%(id)s, %(name)s, %(slug)s, %(plan)s, %(max_users)s, %(max_campaigns)s)",
        values,
    )


async def update(connection: Connection, changes: Mapping[str, Any]) -> None:
    """Change the named columns; raises `psycopg.errors.UniqueViolation` for a slug that is taken."""
    assignments = sql.SQL(", ").join(
        sql.SQL("{} = {}").format(sql.Identifier(column), sql.Placeholder(column)) for column in changes
    )
    await connection.execute(
        sql.SQL(
            "update organizations set {}, updated_at = now() where id = app.staff_organization_id()"
        ).format(assignments),
        changes,
    )
