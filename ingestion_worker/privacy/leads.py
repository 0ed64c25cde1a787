"""What is held on a lead, and how it goes. The connection's claims name the organization."""

from collections.abc import Sequence
from typing import Any, Final, LiteralString

from core.database.pool import Connection
from ingestion_worker.privacy.archive import Holdings

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
    "memory": "select to_jsonb(t) as row from checkpoints t where thread_id = any(%(ids)s)",
    "memory_parts": "select to_jsonb(t) as row from checkpoint_blobs t where thread_id = any(%(ids)s)",
    "memory_writes": "select to_jsonb(t) as row from checkpoint_writes t where thread_id = any(%(ids)s)",
    "consents": "select to_jsonb(t) as row from consents t"
    " where subject = 'lead' and subject_id = any(%(ids)s) order by created_at",
    "privacy_requests": "select to_jsonb(t) as row from privacy_requests t"
    " where subject = 'lead' and subject_ids && %(ids)s order by created_at",
}
_GOES: Final[dict[str, LiteralString]] = {
    "memory_writes": "delete from checkpoint_writes where thread_id = any(%(ids)s)",
    "memory_parts": "delete from checkpoint_blobs where thread_id = any(%(ids)s)",
    "memory": "delete from checkpoints where thread_id = any(%(ids)s)",
    "consents": "delete from consents where subject = 'lead' and subject_id = any(%(ids)s)",
    "archives": "delete from privacy_archives a using privacy_requests r"
    " where a.request_id = r.id and r.subject = 'lead' and r.subject_ids && %(ids)s",
    "open_questions": "delete from knowledge_gaps where conversation_id = any(%(ids)s)",
    "checkouts": "delete from checkouts where conversation_id = any(%(ids)s) and status <> 'paid'",
    "messages": "delete from messages where conversation_id = any(%(ids)s)",
    "turns": "delete from turns where conversation_id = any(%(ids)s)",
    "conversations": "delete from conversations where id = any(%(ids)s)",
}


async def held(connection: Connection, ids: Sequence[str]) -> Holdings:
    """Everything, by kind."""
    found: dict[str, list[dict[str, Any]]] = {}
    for kind, statement in _HELD.items():
        cursor = await connection.execute(statement, {"ids": list(ids)})
        found[kind] = [row["row"] for row in await cursor.fetchall()]
    return found


async def erase(connection: Connection, ids: Sequence[str]) -> dict[str, Any]:
    """All of it but the payments, which stay without the person; returns the receipt."""
    kept = await _forget_who_paid(connection, ids)
    gone: dict[str, int] = {}
    for kind, statement in _GOES.items():
        gone[kind] = (await connection.execute(statement, {"ids": list(ids)})).rowcount
    return {
        "deleted": {kind: count for kind, count in gone.items() if count},
        "kept": {"payments": kept},
        "reason": "Payments are kept without the person, as tax law asks.",
    }


async def _forget_who_paid(connection: Connection, ids: Sequence[str]) -> int:
    cursor = await connection.execute(
        "select session_id, invoice_id, payment_intent, customer_id, email from payments"
        " where conversation_id = any(%s)",
        (list(ids),),
    )
    mentions = sorted({value for row in await cursor.fetchall() for value in row.values() if value})
    await connection.execute("select app.redact_stripe_events(%s)", ([*mentions, *ids],))
    paid = await connection.execute(
        "update payments set email = null, name = null, customer_id = null, source = '{}'"
        " where conversation_id = any(%s)",
        (list(ids),),
    )
    return paid.rowcount
