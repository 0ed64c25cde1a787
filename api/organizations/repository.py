"""Making organizations and their people."""

from core.database.pool import Connection
from core.identifiers import new_id
from core.security.permissions import Role


async def insert_organization(connection: Connection, organization_id: str, name: str) -> None:
    """A new organization; the connection's claims must be its own."""
    await connection.execute("insert into organizations (id, name) values (%s, %s)", (organization_id, name))


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
    user_id = new_id("user")
    await connection.execute(
        "insert into users (id, email, full_name, password_hash) values (%s, %s, %s, %s)",
        (user_id, email, full_name, password_hash),
    )
    await connection.execute(
        "insert into memberships (organization_id, user_id, role) values (%s, %s, %s)",
        (organization_id, user_id, role),
    )
    return user_id
