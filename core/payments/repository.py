"""The rows of checkouts, and an organization's subscription."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from psycopg.rows import DictRow
from psycopg.types.json import Jsonb

from core.database import Claims, Database
from core.database.pool import Connection
from core.identifiers import new_id
from core.payments.plans import ENTITLED


async def owner_of(database: Database, checkout_id: str) -> str | None:
    """The organization of a checkout."""
    rows = await database.fetch(
        Claims.nobody(), "select organization_id from app.checkout_owner(%s)", (checkout_id,)
    )
    return rows[0]["organization_id"] if rows else None


async def checkout(connection: Connection, checkout_id: str) -> DictRow | None:
    """A checkout, with its campaign's code and its lead's handle."""
    cursor = await connection.execute(
        "select c.*, k.code, v.handle, v.language from checkouts c"
        " left join campaigns k on k.id = c.campaign_id"
        " left join conversations v on v.id = c.conversation_id where c.id = %s",
        (checkout_id,),
    )
    return await cursor.fetchone()


async def insert_checkout(connection: Connection, values: Mapping[str, Any]) -> bool:
    """A new checkout; False when it is there already."""
    cursor = await connection.execute(
        "insert into checkouts (id, organization_id, kind, campaign_id, conversation_id, playbook_id,"
        " offer_id, offer_name, amount, currency, billing, source)"
        " values (%(id)s, %(organization_id)s, %(kind)s, %(campaign_id)s, %(conversation_id)s,"
        " %(playbook_id)s, %(offer_id)s, %(offer_name)s, %(amount)s, %(currency)s, %(billing)s,"
        " coalesce((select source from conversations where id = %(conversation_id)s), '{}'))"
        " on conflict (id) do nothing returning id",
        values,
    )
    return await cursor.fetchone() is not None


async def begin_generation(connection: Connection, checkout_id: str, after: int) -> None:
    """Give a checkout up for a new one, unless somebody did so already or it was paid."""
    await connection.execute(
        "update checkouts set generation = generation + 1, generation_began_at = now(), status = 'open',"
        " session_id = null, session_url = null where id = %s and generation = %s and status <> 'paid'",
        (checkout_id, after),
    )


async def keep_session(
    connection: Connection, checkout_id: str, generation: int, session_id: str, url: str
) -> None:
    """Write down where a generation is paid."""
    await connection.execute(
        "update checkouts set session_id = %s, session_url = %s"
        " where id = %s and generation = %s and session_id is null",
        (session_id, url, checkout_id, generation),
    )


async def note_opening(connection: Connection, checkout_id: str, conversation_id: str | None) -> None:
    """The lead followed the link."""
    await connection.execute(
        "update checkouts set left_at = null, returned_at = null where id = %s", (checkout_id,)
    )
    await connection.execute(
        "update conversations set checkout_opened_at = now() where id = %s",
        (conversation_id,),
    )


async def note_leaving(connection: Connection, checkout_id: str) -> None:
    """The lead left the page without paying."""
    await connection.execute("update checkouts set left_at = now() where id = %s", (checkout_id,))


async def note_return(connection: Connection, checkout_id: str) -> None:
    """The lead came back from the page, and says to have paid."""
    await connection.execute(
        "update checkouts set returned_at = now(), left_at = null where id = %s", (checkout_id,)
    )


async def say_apart(
    connection: Connection, conversation: DictRow, text: str, outcome: Mapping[str, Any]
) -> None:
    """Let the agent say something that answers no message: a turn that is over, as every reader knows them.

    The conversation's row must be locked. The agent's own memory learns of it with its next turn.
    """
    turn_id = new_id("turn")
    cursor = await connection.execute(
        "update conversations set total_messages = total_messages + 1, total_turns = total_turns + 1,"
        " last_message_at = now(), said_apart = concat_ws(E'\\n\\n', said_apart, %s::text)"
        " where id = %s returning total_messages, total_turns",
        (text, conversation["id"]),
    )
    counted = await cursor.fetchone()
    assert counted is not None  # noqa: S101 - its row is locked
    await connection.execute(
        "insert into turns (id, organization_id, conversation_id, seq, status, runner_id, reply, outcome,"
        " finished_at) values (%s, %s, %s, %s, 'done', '', %s, %s, now())",
        (
            turn_id,
            conversation["organization_id"],
            conversation["id"],
            counted["total_turns"],
            text,
            Jsonb(dict(outcome)),
        ),
    )
    await connection.execute(
        "insert into messages (id, organization_id, conversation_id, seq, role, content, turn_id, metadata)"
        " values (%s, %s, %s, %s, 'ai', %s, %s, %s)",
        (
            new_id("msg"),
            conversation["organization_id"],
            conversation["id"],
            counted["total_messages"],
            text,
            turn_id,
            Jsonb(outcome["metadata"]),
        ),
    )


async def note_offer(connection: Connection, conversation_id: str) -> None:
    """The lead was given a link to pay."""
    await connection.execute(
        "update conversations set checkout_at = coalesce(checkout_at, now()) where id = %s",
        (conversation_id,),
    )


async def subscription(connection: Connection, organization_id: str) -> DictRow | None:
    """The organization's subscription: the newest one that holds, or else the newest."""
    cursor = await connection.execute(
        "select * from subscriptions where organization_id = %s"
        " order by status = any(%s) desc, begun_at desc limit 1",
        (organization_id, list(ENTITLED)),
    )
    return await cursor.fetchone()


async def note_cancellation(connection: Connection, subscription_id: str) -> datetime | None:
    """A subscription ends with its period; says when that is."""
    cursor = await connection.execute(
        "update subscriptions set cancel_at_period_end = true, updated_at = now() where subscription_id = %s"
        " returning current_period_end",
        (subscription_id,),
    )
    row = await cursor.fetchone()
    return None if row is None else row["current_period_end"]
