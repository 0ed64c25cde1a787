"""The rows of requests, while they are worked on."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from psycopg.rows import DictRow
from psycopg.types.json import Jsonb

from core.database.pool import Connection

ARCHIVE_KEPT: Final = timedelta(days=7)
PATIENCE: Final = timedelta(hours=12)
"""Longer than all attempts of a job take."""


async def take(connection: Connection, request_id: str) -> DictRow | None:
    """A request that waits, held until the transaction ends; None when it was done before."""
    cursor = await connection.execute(
        "select id, subject, subject_ids, requested_by from privacy_requests"
        " where id = %s and status = 'queued' for update",
        (request_id,),
    )
    return await cursor.fetchone()


async def keep_archive(connection: Connection, request_id: str, organization_id: str, content: bytes) -> None:
    """Store what an export made, for a while."""
    await connection.execute(
        "insert into privacy_archives (request_id, organization_id, content, expires_at)"
        " values (%s, %s, %s, now() + %s)",
        (request_id, organization_id, content, ARCHIVE_KEPT),
    )
    await connection.execute(
        "update privacy_requests set expires_at = now() + %s where id = %s", (ARCHIVE_KEPT, request_id)
    )


async def complete(connection: Connection, request_id: str, receipt: Mapping[str, Any]) -> None:
    """The request is done."""
    await connection.execute(
        "update privacy_requests set status = 'done', completed_at = now(), receipt = %s where id = %s",
        (Jsonb(dict(receipt)), request_id),
    )


async def fail(connection: Connection, request_id: str, reason: str) -> None:
    """The request cannot be met, and why."""
    await connection.execute(
        "update privacy_requests set status = 'failed', completed_at = now(), receipt = %s where id = %s",
        (Jsonb({"reason": reason}), request_id),
    )


async def give_up(connection: Connection) -> int:
    """Requests whose jobs came to nothing in all their attempts, in the connection's organization."""
    cursor = await connection.execute(
        "update privacy_requests set status = 'failed', completed_at = now(), receipt = %s"
        " where status = 'queued' and created_at < now() - %s",
        (Jsonb({"reason": "Something failed on our side. Please ask again."}), PATIENCE),
    )
    return cursor.rowcount


async def forget_conversations(connection: Connection, ids: Sequence[str]) -> None:
    """Digests take the place of conversations' ids, which hold a handle."""
    await connection.execute(
        "update privacy_requests"
        " set subject_ids = array(select app.subject_digest(one) from unnest(subject_ids) one)"
        " where subject = 'lead' and subject_ids && %s",
        (list(ids),),
    )
