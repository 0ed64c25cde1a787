"""The rows of requests, while they are worked on."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from psycopg.rows import DictRow
from psycopg.types.json import Jsonb

from core.database.pool import Connection

ARCHIVE_KEPT: Final = timedelta(days=7)


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


async def forget_conversations(connection: Connection, ids: Sequence[str]) -> None:
    """Digests take the place of conversations' ids, which hold a handle."""
    await connection.execute(
        "update privacy_requests"
        " set subject_ids = array(select app.subject_digest(one) from unnest(subject_ids) one)"
        " where subject = 'lead' and subject_ids && %s",
        (list(ids),),
    )
