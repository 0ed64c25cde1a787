"""What is older than it may be, in the database: each takes so many rows at most, and says how many."""

from core.database.pool import Connection


async def delete_ended_sessions(connection: Connection, most: int) -> int:
    """Sessions that ended a day ago; for maintenance."""
    cursor = await connection.execute(
        "delete from sessions where id in (select id from sessions"
        " where least(ended_at, expires_at) < now() - interval '24 hours' limit %s)",
        (most,),
    )
    return cursor.rowcount


async def delete_expired_archives(connection: Connection, most: int) -> int:
    """Exports whose week is over; for maintenance."""
    cursor = await connection.execute(
        "delete from privacy_archives where request_id in"
        " (select request_id from privacy_archives where expires_at <= now() limit %s)",
        (most,),
    )
    return cursor.rowcount


async def redact_stripe_events(connection: Connection, most: int) -> int:
    """What Stripe told and was dealt with a month ago; for maintenance."""
    cursor = await connection.execute("select app.redact_old_stripe_events(%s) as n", (most,))
    row = await cursor.fetchone()
    return row["n"] if row else 0


async def prune_audit(connection: Connection, most: int) -> int:
    """Audit events of more than seven years ago."""
    cursor = await connection.execute("select app.prune_audit(%s) as n", (most,))
    row = await cursor.fetchone()
    return row["n"] if row else 0


async def forget_spent_links(connection: Connection) -> int:
    """Registrations and password links that are used or too old."""
    cursor = await connection.execute("select app.forget_spent_links() as n")
    row = await cursor.fetchone()
    return row["n"] if row else 0


async def organizations(connection: Connection) -> list[str]:
    """All of them; for maintenance."""
    cursor = await connection.execute("select id from organizations order by id")
    return [row["id"] for row in await cursor.fetchall()]


async def delete_old_visits(connection: Connection, most: int) -> int:
    """Visits of more than two years ago, in the connection's organization."""
    cursor = await connection.execute(
        "delete from visits v using (select campaign_id, day, visitor from visits"
        "  where day < current_date - interval '2 years' limit %s) old"
        " where v.campaign_id = old.campaign_id and v.day = old.day and v.visitor = old.visitor",
        (most,),
    )
    return cursor.rowcount


async def forget_turn_logs(connection: Connection, most: int) -> int:
    """What was kept to tell a stream again, of turns that ended a week ago; the transcript stays."""
    cursor = await connection.execute(
        "update turns set reply = null, outcome = null where id in (select id from turns"
        " where outcome is not null and finished_at < now() - interval '7 days' limit %s)",
        (most,),
    )
    return cursor.rowcount


async def delete_old_invitations(connection: Connection, most: int) -> int:
    """Invitations that nobody can follow any more since a month, in the connection's organization."""
    cursor = await connection.execute(
        "delete from invitations where id in (select id from invitations"
        " where least(accepted_at, revoked_at, expires_at) < now() - interval '30 days' limit %s)",
        (most,),
    )
    return cursor.rowcount


async def delete_left_checkouts(connection: Connection, most: int) -> int:
    """Unpaid checkouts whose conversation is gone, in the connection's organization."""
    cursor = await connection.execute(
        "delete from checkouts where id in (select id from checkouts where kind = 'offer'"
        " and conversation_id is null and status <> 'paid' and created_at < now() - interval '30 days'"
        " limit %s)",
        (most,),
    )
    return cursor.rowcount


async def old_conversations(connection: Connection, most: int) -> list[str]:
    """Conversations in which nothing was said for two years, in the connection's organization."""
    cursor = await connection.execute(
        "select id from conversations where last_message_at < now() - interval '2 years'"
        " order by last_message_at, id limit %s",
        (most,),
    )
    return [row["id"] for row in await cursor.fetchall()]
