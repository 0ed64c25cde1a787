"""Stripe's events as they come in, and the owner's words to people who paid."""

from psycopg.rows import DictRow

from core.database.pool import Connection
from core.payments.events import StripeEvent


async def store_event(connection: Connection, event: StripeEvent, body: str) -> bool:
    """Keep an event as it came; False when a copy of it was kept before."""
    cursor = await connection.execute(
        "select app.store_stripe_event(%s, %s, %s, %s) as new", (event.id, event.type, body, event.created)
    )
    row = await cursor.fetchone()
    return row is not None and row["new"]


async def onboarding_mail(connection: Connection, organization_id: str) -> DictRow | None:
    """The onboarding mail's subject and body."""
    cursor = await connection.execute(
        "select subject, body, updated_at from mail_templates"
        " where organization_id = %s and name = 'onboarding'",
        (organization_id,),
    )
    return await cursor.fetchone()


async def write_onboarding_mail(
    connection: Connection, organization_id: str, subject: str, body: str
) -> DictRow:
    """Put it in place of what was there."""
    cursor = await connection.execute(
        "insert into mail_templates (organization_id, name, subject, body) values (%s, 'onboarding', %s, %s)"
        " on conflict (organization_id, name) do update set subject = excluded.subject, body = excluded.body,"
        " updated_at = now() returning subject, body, updated_at",
        (organization_id, subject, body),
    )
    row = await cursor.fetchone()
    assert row is not None  # noqa: S101 - an upsert that returns
    return row


async def forget_onboarding_mail(connection: Connection, organization_id: str) -> None:
    """Back to our own words."""
    await connection.execute(
        "delete from mail_templates where organization_id = %s and name = 'onboarding'", (organization_id,)
    )
