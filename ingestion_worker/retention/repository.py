"""What is older than it may be, in the database."""

from core.database.pool import Connection


async def delete_ended_sessions(connection: Connection) -> int:
    """Sessions that ended a day ago; for maintenance."""
    cursor = await connection.execute(
        "delete from sessions where least(ended_at, expires_at) < now() - interval '24 hours'"
    )
    return cursor.rowcount


async def delete_expired_archives(connection: Connection) -> int:
    """Exports whose link is over; for maintenance."""
    return (await connection.execute("delete from privacy_archives where expires_at <= now()")).rowcount


async def forget_spent_links(connection: Connection) -> int:
    """Registrations and password links that are used or too old."""
    cursor = await connection.execute("select app.forget_spent_links() as n")
    row = await cursor.fetchone()
    return row["n"] if row else 0


async def prune_audit(connection: Connection) -> int:
    """Audit events of more than seven years ago."""
    cursor = await connection.execute("select app.prune_audit() as n")
    row = await cursor.fetchone()
    return row["n"] if row else 0


async def organizations(connection: Connection) -> list[str]:
    """All of them; for maintenance."""
    cursor = await connection.execute("select id from organizations order by id")
    return [row["id"] for row in await cursor.fetchall()]


async def delete_old_visits(connection: Connection) -> int:
    """Visits of more than two years ago, in the connection's organization."""
    cursor = await connection.execute("delete from visits where day < current_date - interval '2 years'")
    return cursor.rowcount


async def old_conversations(connection: Connection, most: int) -> list[str]:
    """Conversations in which nothing was said for two years, in the connection's organization."""
    cursor = await connection.execute(
        "select id from conversations where last_message_at < now() - interval '2 years' limit %s", (most,)
    )
    return [row["id"] for row in await cursor.fetchall()]
