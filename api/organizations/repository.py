"""Making organizations and their people."""

from core.database.pool import Connection
from core.errors import Conflict
from core.identifiers import new_id
from core.security.permissions import Role


async def insert_organization(connection: Connection, organization_id: str, name: str) -> None:
    """A new organization; the connection's claims must be its own."""
    await connection.execute("insert into organizations (id, name) values (%s, %s)", (organization_id, name))


async def insert_user(
    connection: Connection,
    *,
    email: str,
    full_name: str,
    password_hash: str | None = None,
    supabase_id: str | None = None,
    verified: bool = False,
) -> str:
    """A new account, of no organization yet; returns its id.

    ``verified`` says that the address was proven. Raises `psycopg.errors.UniqueViolation` when it has an
    account already.
    """
    user_id = new_id("user")
    await connection.execute(
        "insert into users (id, email, full_name, password_hash, supabase_id, email_verified_at)"
        " values (%s, %s, %s, %s, %s, case when %s then now() end)",
        (user_id, email, full_name, password_hash, supabase_id, verified),
    )
    return user_id


async def insert_membership(connection: Connection, organization_id: str, user_id: str, role: Role) -> None:
    """The user belongs to the organization. Who did already stays what they are: deactivated, for one."""
    await connection.execute(
        "insert into memberships (organization_id, user_id, role) values (%s, %s, %s) on conflict do nothing",
        (organization_id, user_id, role),
    )


async def insert_member(
    connection: Connection,
    *,
    organization_id: str,
    email: str,
    full_name: str,
    password_hash: str,
    role: Role,
) -> str:
    """A new account and its membership; returns the user's id."""
    user_id = await insert_user(connection, email=email, full_name=full_name, password_hash=password_hash)
    await insert_membership(connection, organization_id, user_id, role)
    return user_id


async def hold_limits(connection: Connection) -> None:
    """Keep others of the organization from counting what it has, until the transaction ends."""
    await connection.execute(
        "select pg_advisory_xact_lock(hashtextextended('limits ' || app.staff_organization_id(), 0))"
    )


async def refuse_if_full(connection: Connection) -> None:
    """Raise `core.errors.Conflict` when members and invitations fill what the organization may have."""
    await hold_limits(connection)
    cursor = await connection.execute(
        "select o.max_users from organizations o where o.id = app.staff_organization_id() and o.max_users <="
        " (select count(*) from memberships m where m.organization_id = o.id and m.is_active)"
        " + (select count(*) from invitations i where i.organization_id = o.id and i.accepted_at is null"
        "    and i.revoked_at is null and i.expires_at > now())"
    )
    full = await cursor.fetchone()
    if full is not None:
        raise Conflict(
            "The organization has as many people as it may.", details={"max_users": full["max_users"]}
        )
