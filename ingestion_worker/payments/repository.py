"""Stripe's events, payments and what was paid back."""

from collections.abc import Mapping, Sequence
from typing import Any

from psycopg.rows import DictRow
from psycopg.types.json import Jsonb

from core.database import Claims, Database
from core.database.pool import Connection
from core.identifiers import new_id


async def unsettled_event(database: Database, event_id: str) -> str | None:
    """The body of an event that is not settled yet."""
    rows = await database.fetch(
        Claims.nobody(), "select app.unsettled_stripe_event(%s) as payload", (event_id,)
    )
    payload: str | None = rows[0]["payload"]
    return payload


async def hold_event(connection: Connection, event_id: str) -> bool:
    """Keep other copies of an event's job out until this transaction ends; False when it is settled."""
    cursor = await connection.execute("select app.hold_stripe_event(%s) as held", (event_id,))
    row = await cursor.fetchone()
    return row is not None and row["held"]


async def settle_event(connection: Connection, event_id: str, outcome: str) -> None:
    """Say what became of an event, and whose it was."""
    await connection.execute("select app.settle_stripe_event(%s, %s)", (event_id, outcome))


async def settle_for_nobody(database: Database, event_id: str, outcome: str) -> None:
    """Settle an event that is about none of our organizations."""
    await database.fetch(Claims.nobody(), "select app.settle_stripe_event(%s, %s)", (event_id, outcome))


async def await_payment(database: Database, event_id: str, reference: str) -> bool:
    """Put an event aside until the payment that it names is written; False when it is there by now."""
    rows = await database.fetch(
        Claims.nobody(), "select app.await_payment(%s, %s) as waits", (event_id, reference)
    )
    return bool(rows[0]["waits"])


async def announce_payment(connection: Connection, references: Sequence[str | None]) -> list[str]:
    """Say that a payment comes with this transaction; the events that waited for it."""
    known = [reference for reference in references if reference is not None]
    cursor = await connection.execute("select event_id from app.announce_payment(%s)", (known,))
    return [row["event_id"] for row in await cursor.fetchall()]


async def checkout_owner(
    database: Database, checkout: str | None, session: str | None = None, thread: str | None = None
) -> DictRow | None:
    """``organization_id`` and ``checkout_id`` of whatever of the three is known."""
    rows = await database.fetch(
        Claims.nobody(), "select * from app.checkout_owner(%s, %s, %s)", (checkout, session, thread)
    )
    return rows[0] if rows else None


async def payment_owner(database: Database, reference: str | None) -> DictRow | None:
    """``organization_id`` and ``payment_id`` of a payment intent, an invoice or a subscription."""
    rows = await database.fetch(Claims.nobody(), "select * from app.payment_owner(%s)", (reference,))
    return rows[0] if rows else None


async def locked_checkout(connection: Connection, checkout_id: str) -> DictRow:
    """A checkout's row, held."""
    cursor = await connection.execute("select * from checkouts where id = %s for update", (checkout_id,))
    row = await cursor.fetchone()
    assert row is not None  # noqa: S101 - its owner was just found
    return row


async def locked_conversation(connection: Connection, conversation_id: str | None) -> DictRow | None:
    """A conversation's row, held; None when it was deleted."""
    cursor = await connection.execute(
        "select * from conversations where id = %s for update", (conversation_id,)
    )
    return await cursor.fetchone()


async def locked_payment(connection: Connection, payment_id: str) -> DictRow:
    """A payment's row, held."""
    cursor = await connection.execute("select * from payments where id = %s for update", (payment_id,))
    row = await cursor.fetchone()
    assert row is not None  # noqa: S101 - its owner was just found
    return row


async def raise_status(
    connection: Connection, checkout_id: str, status: str, session_id: str | None = None
) -> None:
    """Move a checkout on, never back, so that the order of events does not matter.

    With ``session_id`` only while that session is the current one.
    """
    await connection.execute(
        "update checkouts set status = %(status)s where id = %(id)s"
        " and array_position(array['open', 'processing', 'expired', 'failed', 'paid'], status)"
        "   < array_position(array['open', 'processing', 'expired', 'failed', 'paid'], %(status)s)"
        " and (%(session)s::text is null or session_id = %(session)s)",
        {"id": checkout_id, "status": status, "session": session_id},
    )


async def converts(connection: Connection, checkout: DictRow) -> bool:
    """Whether a purchase would be the first of its conversation, or of its checkout where that is gone."""
    cursor = await connection.execute(
        "select not exists (select from payments where converts and"
        " (conversation_id = %s or checkout_id = %s)) as first",
        (checkout["conversation_id"], checkout["id"]),
    )
    row = await cursor.fetchone()
    return row is not None and row["first"]


async def insert_payment(connection: Connection, values: Mapping[str, Any]) -> str | None:
    """A new payment's id; None when its session or its invoice brought one already."""
    cursor = await connection.execute(
        "insert into payments (id, organization_id, campaign_id, conversation_id, checkout_id, kind,"
        " converts, offer_id, offer_name, amount, currency, source, objections, session_id, invoice_id,"
        " payment_intent, subscription_id, customer_id, email, name, language, test, paid_at)"
        " values (%(id)s, %(organization_id)s, %(campaign_id)s, %(conversation_id)s, %(checkout_id)s,"
        " %(kind)s, %(converts)s, %(offer_id)s, %(offer_name)s, %(amount)s, %(currency)s, %(source)s,"
        " %(objections)s, %(session_id)s, %(invoice_id)s, %(payment_intent)s, %(subscription_id)s,"
        " %(customer_id)s, %(email)s, %(name)s, %(language)s, %(test)s, %(paid_at)s)"
        " on conflict do nothing returning id",
        {
            **values,
            "id": new_id("pay"),
            "source": Jsonb(values["source"]),
            "objections": Jsonb(values["objections"]),
        },
    )
    row = await cursor.fetchone()
    return None if row is None else row["id"]


async def convert(connection: Connection, conversation_id: str) -> DictRow:
    """Mark a conversation as won; returns its row."""
    cursor = await connection.execute(
        "update conversations set stage = 'converted', converted_at = coalesce(converted_at, now()),"
        " qualified = true, qualified_at = coalesce(qualified_at, now()), open_field = null,"
        " next_prompt = null where id = %s returning *",
        (conversation_id,),
    )
    row = await cursor.fetchone()
    assert row is not None  # noqa: S101 - its row is locked
    return row


async def first_payment(connection: Connection, checkout_id: str) -> DictRow | None:
    """The purchase that a checkout came to."""
    cursor = await connection.execute(
        "select * from payments where checkout_id = %s order by paid_at limit 1", (checkout_id,)
    )
    return await cursor.fetchone()


async def attach_intent(connection: Connection, payment_id: str, payment_intent: str) -> None:
    """Write down which payment intent paid an invoice."""
    await connection.execute(
        "update payments set payment_intent = %s where id = %s and payment_intent is null",
        (payment_intent, payment_id),
    )


async def adjust(connection: Connection, values: Mapping[str, Any]) -> None:
    """Take in what is told of a refund or a dispute, unless something newer was told before."""
    await connection.execute(
        "insert into payment_adjustments as a (id, organization_id, payment_id, kind, amount, status,"
        " counted, occurred_at, told_at, rank) values (%(id)s, %(organization_id)s, %(payment_id)s, %(kind)s,"
        " %(amount)s, %(status)s, %(counted)s, %(occurred_at)s, %(told_at)s, %(rank)s)"
        " on conflict (id) do update set amount = excluded.amount, status = excluded.status,"
        " counted = excluded.counted, occurred_at = excluded.occurred_at, told_at = excluded.told_at,"
        " rank = excluded.rank where (a.told_at, a.rank) < (excluded.told_at, excluded.rank)",
        values,
    )


async def reckon(connection: Connection, payment_id: str) -> None:
    """Bring a payment's status in line with all that was told of its refunds and disputes."""
    await connection.execute(
        "update payment_adjustments a set counted = not exists (select from payment_adjustments r"
        "   where r.payment_id = a.payment_id and r.kind = 'refund')"
        " where a.payment_id = %s and a.kind = 'charge'",
        (payment_id,),
    )
    await connection.execute(
        "update payments p set refunded = s.refunded, status = case"
        "   when s.lost then 'dispute_lost' when s.disputed then 'disputed'"
        "   when s.refunded >= p.amount then 'refunded' when s.refunded > 0 then 'partially_refunded'"
        "   else 'paid' end"
        " from (select coalesce(sum(amount), 0) as refunded, coalesce(bool_or(kind = 'dispute'), false) as"
        "   disputed, coalesce(bool_or(kind = 'dispute' and status = 'lost'), false) as lost"
        "   from payment_adjustments where payment_id = %(payment)s and counted) s"
        " where p.id = %(payment)s",
        {"payment": payment_id},
    )


async def raise_alert(connection: Connection, values: Mapping[str, Any]) -> None:
    """Tell the owner of something to look at, once."""
    await connection.execute(
        "insert into alerts (id, organization_id, type, subject, severity, message, details)"
        " values (%(id)s, %(organization_id)s, %(type)s, %(subject)s, %(severity)s, %(message)s, %(details)s)"
        " on conflict (organization_id, type, subject) do nothing",
        {**values, "id": new_id("alert"), "details": Jsonb(values["details"])},
    )
