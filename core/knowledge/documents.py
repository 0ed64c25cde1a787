"""The rows of documents. All of it runs in the caller's transaction, and sees its organization only."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from core.database.pool import Connection

Status = Literal["pending", "processing", "completed", "failed"]
RETRIES = 3
"""How often a document is tried again before it stands as failed."""
CRASHES = 3
"""How often at most it may bring down what reads it."""
FILE_MISSING = "The stored file is gone. Upload it again."


class Document(BaseModel):
    """A row."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str
    organization_id: str
    filename: str
    file_type: str
    file_size: int
    digest: str
    storage_key: str
    category: str | None
    tags: list[str]
    status: Status
    attempt: int
    tries: int
    job_id: int | None
    failure_code: str | None
    failure_reason: str | None
    language: str | None
    pages: int | None
    pages_done: int
    total_chunks: int
    chunks_done: int
    embedding_model: str | None
    embedding_dimensions: int | None
    created_at: datetime
    uploaded_at: datetime
    updated_at: datetime
    completed_at: datetime | None


async def insert(connection: Connection, values: Mapping[str, Any]) -> Document:
    """A new document, pending. Raises `psycopg.errors.UniqueViolation` for a digest that is there."""
    return _document(
        await _one(
            connection,
            "insert into documents"
            " (id, organization_id, filename, file_type, file_size, digest, storage_key, category, tags)"
            " values (%(id)s, %(organization_id)s, %(filename)s, %(file_type)s, %(file_size)s, %(digest)s,"
            " %(storage_key)s, %(category)s, %(tags)s) returning *",
            values,
        )
    )


async def by_id(connection: Connection, document_id: str) -> Document | None:
    """The document with this id."""
    return _maybe(await _one(connection, "select * from documents where id = %s", (document_id,)))


async def by_digest(connection: Connection, digest: str) -> Document | None:
    """The document with this content; that it was uploaded again is noted."""
    statement = "update documents set uploaded_at = now() where digest = %s returning *"
    return _maybe(await _one(connection, statement, (digest,)))


async def page(
    connection: Connection, status: Status | None, category: str | None, limit: int, offset: int
) -> tuple[list[Document], int]:
    """Newest first, and how many there are in all."""
    cursor = await connection.execute(
        "select *, count(*) over () as total from documents"
        " where (%(status)s::text is null or status = %(status)s)"
        " and (%(category)s::text is null or category = %(category)s)"
        " order by created_at desc, id limit %(limit)s offset %(offset)s",
        {"status": status, "category": category, "limit": limit, "offset": offset},
    )
    rows = await cursor.fetchall()
    return [_document(row) for row in rows], rows[0]["total"] if rows else 0


async def delete(connection: Connection, document_id: str) -> Document | None:
    """Delete the row, its chunks and its waiting job; the file is left to the caller."""
    row = await _one(connection, "delete from documents where id = %s returning *", (document_id,))
    if row and row["job_id"] is not None:
        await connection.execute("select app.drop_job(%s)", (row["job_id"],))
    return _maybe(row)


async def queued(connection: Connection, document_id: str, job_id: int) -> None:
    """Note which job will do it."""
    statement = "update documents set job_id = %s, updated_at = now() where id = %s"
    await connection.execute(statement, (job_id, document_id))


async def renew(connection: Connection, document_id: str) -> Document | None:
    """Make a failed document pending again, as if it had just been uploaded; None for any other."""
    return _maybe(
        await _one(
            connection,
            "update documents set status = 'pending', tries = 0, failure_code = null, failure_reason = null,"
            " pages_done = 0, chunks_done = 0, updated_at = now()"
            " where id = %s and status = 'failed' returning *",
            (document_id,),
        )
    )


async def begin(connection: Connection, document_id: str) -> Document | None:
    """Take it for one try; None when there is nothing to do. Whoever had it before may not store any more."""
    return _maybe(
        await _one(
            connection,
            "update documents set status = 'processing', attempt = attempt + 1, tries = tries + 1,"
            " pages_done = 0, chunks_done = 0, updated_at = now()"
            " where id = %s and status in ('pending', 'processing') returning *",
            (document_id,),
        )
    )


async def note_progress(connection: Connection, document: Document, progress: Mapping[str, int]) -> bool:
    """Note what is done of ``pages`` and ``total_chunks``; False when it is no longer ours to do."""
    cursor = await connection.execute(
        "update documents set pages = coalesce(%(pages)s, pages),"
        " pages_done = coalesce(%(pages_done)s, pages_done),"
        " total_chunks = coalesce(%(total_chunks)s, total_chunks),"
        " chunks_done = coalesce(%(chunks_done)s, chunks_done), updated_at = now()"
        " where id = %(id)s and attempt = %(attempt)s and status = 'processing'",
        {
            **dict.fromkeys(("pages", "pages_done", "total_chunks", "chunks_done")),
            **progress,
            "id": document.id,
            "attempt": document.attempt,
        },
    )
    return cursor.rowcount == 1


async def give_up(connection: Connection, document: Document, code: str, reason: str) -> None:
    """It stands as failed, with a reason for its owner."""
    await connection.execute(
        "update documents set status = 'failed', failure_code = %s, failure_reason = %s, total_chunks = 0,"
        " chunks_done = 0, updated_at = now() where id = %s and attempt = %s and status = 'processing'",
        (code, reason, document.id, document.attempt),
    )


async def put_back(connection: Connection, document: Document) -> None:
    """It waits for another try."""
    await connection.execute(
        "update documents set status = 'pending', updated_at = now()"
        " where id = %s and attempt = %s and status = 'processing'",
        (document.id, document.attempt),
    )


async def complete(connection: Connection, document: Document, values: Mapping[str, Any]) -> bool:
    """It is done; False when another has taken it since, and nothing may be stored."""
    cursor = await connection.execute(
        "update documents set status = 'completed', pages = %(pages)s, pages_done = coalesce(%(pages)s, 0),"
        " language = %(language)s, total_chunks = %(total_chunks)s, chunks_done = %(total_chunks)s,"
        " embedding_model = %(embedding_model)s, embedding_dimensions = %(embedding_dimensions)s,"
        " completed_at = now(), updated_at = now()"
        " where id = %(id)s and attempt = %(attempt)s and status = 'processing'",
        {**values, "id": document.id, "attempt": document.attempt},
    )
    return cursor.rowcount == 1


async def delete_superseded(connection: Connection, document: Document) -> list[Document]:
    """Delete what was uploaded under the same name before this one; the files are left to the caller."""
    cursor = await connection.execute(
        "delete from documents old using documents new where new.id = %s and old.filename = new.filename"
        " and old.id <> new.id and old.uploaded_at < new.uploaded_at returning old.*",
        (document.id,),
    )
    return [_document(row) for row in await cursor.fetchall()]


async def is_superseded(connection: Connection, document: Document) -> bool:
    """Whether a document that was uploaded later under the same name is already done."""
    statement = (
        "select from documents old join documents new on new.filename = old.filename and new.id <> old.id"
        " where old.id = %s and new.status = 'completed' and new.uploaded_at > old.uploaded_at limit 1"
    )
    return await (await connection.execute(statement, (document.id,))).fetchone() is not None


async def storage_keys(connection: Connection) -> Sequence[str]:
    """Every file that a row knows."""
    rows = await (await connection.execute("select storage_key from documents")).fetchall()
    return [row["storage_key"] for row in rows]


async def fail_without_file(connection: Connection, stored: Sequence[str]) -> list[str]:
    """Fail what waits for a file that is not among those ``stored``.

    What is completed stays: it answers from its chunks, and the file is needed for the download alone.
    """
    cursor = await connection.execute(
        "update documents set status = 'failed', failure_code = 'file_missing', failure_reason = %s,"
        " updated_at = now() where status in ('pending', 'processing')"
        " and created_at < now() - interval '1 hour' and storage_key <> all (%s) returning id",
        (FILE_MISSING, list(stored)),
    )
    return [row["id"] for row in await cursor.fetchall()]


async def _one(connection: Connection, statement: Any, parameters: Any) -> Mapping[str, Any] | None:
    return await (await connection.execute(statement, parameters)).fetchone()


def _maybe(row: Mapping[str, Any] | None) -> Document | None:
    return None if row is None else _document(row)


def _document(row: Mapping[str, Any] | None) -> Document:
    return Document.model_validate(row)
