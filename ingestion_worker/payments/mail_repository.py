"""Which mails to people who paid are due, and the owner's words for them."""

from datetime import timedelta

from psycopg.rows import DictRow

from core.database.pool import Connection


async def claim(connection: Connection, payment_id: str, lease: timedelta) -> DictRow | None:
    """A payment whose mail is due and which nobody else is sending; ``business`` is who it was paid to."""
    cursor = await connection.execute(
        "update payments p set mail_claimed_at = now() from organizations o"
        " where p.id = %s and o.id = p.organization_id and p.mailed_at is null and p.email is not null"
        " and (p.mail_claimed_at is null or p.mail_claimed_at < now() - %s::interval)"
        " returning p.id, p.email, p.name, p.language, p.offer_name, p.amount, p.currency,"
        "  o.name as business",
        (payment_id, lease),
    )
    return await cursor.fetchone()


async def is_due(connection: Connection, payment_id: str) -> bool:
    """Whether a payment's mail was not sent yet."""
    cursor = await connection.execute(
        "select from payments where id = %s and mailed_at is null and email is not null", (payment_id,)
    )
    return await cursor.fetchone() is not None


async def give_back(connection: Connection, payment_id: str) -> None:
    """Let the next job try at once."""
    await connection.execute("update payments set mail_claimed_at = null where id = %s", (payment_id,))


async def finish(connection: Connection, payment_id: str) -> None:
    """It was sent."""
    await connection.execute("update payments set mailed_at = now() where id = %s", (payment_id,))


async def template(connection: Connection, organization_id: str) -> tuple[str, str] | None:
    """The owner's subject and body."""
    cursor = await connection.execute(
        "select subject, body from mail_templates where organization_id = %s and name = 'onboarding'",
        (organization_id,),
    )
    row = await cursor.fetchone()
    return None if row is None else (row["subject"], row["body"])
