"""What is held on a lead, and how it goes. The connection's claims name the organization."""

from collections.abc import Sequence
from typing import Any, Final, LiteralString

from core.database.pool import Connection
from ingestion_worker.privacy.archive import Holdings
from ingestion_worker.privacy.memory import memory

_HELD: Final[dict[str, LiteralString]] = {
    "conversations": "select to_jsonb(t) as row from conversations t where id = any(%(ids)s)",
    "messages": "select to_jsonb(t) as row from messages t where conversation_id = any(%(ids)s)"
    " order by conversation_id, seq",
    "turns": "select to_jsonb(t) as row from turns t where conversation_id = any(%(ids)s)"
    " order by conversation_id, seq",
    "open_questions": "select to_jsonb(t) as row from knowledge_gaps t where conversation_id = any(%(ids)s)",
    "checkouts": "select to_jsonb(t) as row from checkouts t where conversation_id = any(%(ids)s)",
    "payments": "select to_jsonb(t) as row from payments t where conversation_id = any(%(ids)s)",
    "refunds_and_disputes": "select to_jsonb(a) as row from payment_adjustments a"
    " join payments p on p.id = a.payment_id where p.conversation_id = any(%(ids)s)",
    "notes_to_the_owner": "select to_jsonb(t) as row from alerts t"
    " where details ->> 'thread_id' = any(%(ids)s)"
    " or details #>> '{asked,thread_id}' = any(%(ids)s) or details #>> '{got,thread_id}' = any(%(ids)s)",
    "consents": "select to_jsonb(t) as row from consents t"
    " where subject = 'lead' and subject_id = any(%(ids)s) order by created_at",
    "privacy_requests": "select to_jsonb(t) as row from privacy_requests t"
    " where subject = 'lead' and subject_ids && %(ids)s order by created_at",
}
_HOLD: Final[tuple[LiteralString, ...]] = (
    "select from turns where conversation_id = any(%(ids)s) and status = 'running' order by id for update",
    "select from conversations where id = any(%(ids)s) order by id for update",
)
"""In the order in which the end of a turn takes them. Nothing is written to a conversation meanwhile."""
_CHANGES: Final[dict[str, LiteralString]] = {
    # Who pays on a page that is open already has paid: only what nobody can pay any more goes.
    "checkouts": "update checkouts set source = app.without_click_ids(source), session_url = null"
    " where conversation_id = any(%(ids)s)",
    "payments": "update payments set email = null, name = null, customer_id = null,"
    " source = app.without_click_ids(source) where conversation_id = any(%(ids)s)",
    "visits": "update visits v set parameters = app.without_click_ids(v.parameters) from conversations c"
    " where c.id = any(%(ids)s) and v.campaign_id = c.campaign_id and v.parameters = c.source"
    " and v.day >= (c.created_at - interval '31 days')::date"
    " and v.parameters <> app.without_click_ids(v.parameters)",
    "notes_to_the_owner": "update alerts"
    " set details = details - 'thread_id' #- '{asked,thread_id}' #- '{got,thread_id}'"
    " where details ->> 'thread_id' = any(%(ids)s)"
    " or details #>> '{asked,thread_id}' = any(%(ids)s) or details #>> '{got,thread_id}' = any(%(ids)s)",
}
_GOES: Final[dict[str, LiteralString]] = {
    "memory_writes": "delete from checkpoint_writes where thread_id = any(%(ids)s)",
    "memory_parts": "delete from checkpoint_blobs where thread_id = any(%(ids)s)",
    "memory": "delete from checkpoints where thread_id = any(%(ids)s)",
    "consents": "delete from consents where subject = 'lead' and subject_id = any(%(ids)s)",
    "archives": "delete from privacy_archives a using privacy_requests r"
    " where a.request_id = r.id and r.subject = 'lead' and r.subject_ids && %(ids)s",
    "open_questions": "delete from knowledge_gaps where conversation_id = any(%(ids)s)",
    "checkouts": "delete from checkouts where conversation_id = any(%(ids)s)"
    " and (status in ('expired', 'failed') or session_id is null and status <> 'paid')",
    "messages": "delete from messages where conversation_id = any(%(ids)s)",
    "turns": "delete from turns where conversation_id = any(%(ids)s)",
    "conversations": "delete from conversations where id = any(%(ids)s)",
}
_MENTIONS: Final[LiteralString] = (
    "select session_id, invoice_id, payment_intent, customer_id, email from payments"
    " where conversation_id = any(%s)"
)


async def held(connection: Connection, ids: Sequence[str]) -> Holdings:
    """Everything, by kind; nobody deletes it before the transaction has ended."""
    await connection.execute(
        "select from conversations where id = any(%s) order by id for share", (list(ids),)
    )
    found: dict[str, list[dict[str, Any]]] = {}
    for kind, statement in _HELD.items():
        cursor = await connection.execute(statement, {"ids": list(ids)})
        found[kind] = [row["row"] for row in await cursor.fetchall()]
    return {**found, "memory": await memory(connection, ids)}


async def emails(connection: Connection, ids: Sequence[str]) -> set[str]:
    """The addresses that were paid with."""
    cursor = await connection.execute(
        "select distinct email from payments where conversation_id = any(%s) and email is not null",
        (list(ids),),
    )
    return {row["email"] for row in await cursor.fetchall()}


async def erase(connection: Connection, ids: Sequence[str]) -> dict[str, Any]:
    """All of it but the payments, which stay without the person; returns the receipt."""
    wanted = {"ids": list(ids)}
    for statement in _HOLD:
        await connection.execute(statement, wanted)
    await _redact_events(connection, ids)
    gone: dict[str, int] = {}
    kept: dict[str, int] = {}
    for kind, statement in _CHANGES.items():
        kept[kind] = (await connection.execute(statement, wanted)).rowcount
    for kind, statement in _GOES.items():
        gone[kind] = (await connection.execute(statement, wanted)).rowcount
    kept["checkouts"] -= gone["checkouts"]
    return {
        "deleted": {kind: count for kind, count in gone.items() if count},
        "kept": {kind: count for kind, count in kept.items() if count},
        "reason": "Payments are kept without the person, as tax law asks.",
    }


async def _redact_events(connection: Connection, ids: Sequence[str]) -> None:
    cursor = await connection.execute(_MENTIONS, (list(ids),))
    mentions = sorted({value for row in await cursor.fetchall() for value in row.values() if value})
    await connection.execute("select app.redact_stripe_events(%s)", ([*mentions, *ids],))
