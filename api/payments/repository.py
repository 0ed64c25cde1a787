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


async def unpaid_checkout(connection: Connection, conversation_id: str) -> DictRow | None:
    """The checkout that a lead opened and left, and has not spoken of since; its conversation is held.

    Who said goodbye to the page has left it; who did not may still be paying, for five minutes.
    """
    cursor = await connection.execute(
        "select c.id, c.offer_name from conversations v join checkouts c on c.conversation_id = v.id"
        " where v.id = %s and v.reminded_at is null and v.converted_at is null"
        " and v.stage in ('closing', 'objection_handling') and v.last_message_at < v.checkout_opened_at"
        " and not exists (select from turns t where t.conversation_id = v.id and t.status = 'running')"
        " and c.status in ('open', 'expired', 'failed') and (c.left_at is not null"
        "   or (c.returned_at is null and v.checkout_opened_at < now() - interval '5 minutes'))"
        " order by c.left_at desc nulls last, c.created_at desc limit 1 for update of v",
        (conversation_id,),
    )
    return await cursor.fetchone()


async def note_reminder(connection: Connection, conversation_id: str) -> DictRow:
    """The lead is told that the link still stands; returns the conversation."""
    cursor = await connection.execute(
        "update conversations set reminded_at = now() where id = %s returning *", (conversation_id,)
    )
    row = await cursor.fetchone()
    assert row is not None  # noqa: S101 - its row is held
    return row
