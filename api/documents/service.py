"""What an owner does with documents."""

from collections.abc import AsyncIterator

import psycopg
import structlog

from api.documents.intake import Upload
from core.database import Claims, Database
from core.database.pool import Connection
from core.errors import Conflict, NotFound, OutsideError
from core.identifiers import new_id
from core.jobs import defer
from core.knowledge import documents
from core.knowledge.documents import Document, Status
from core.knowledge.file_types import MEDIA_TYPES
from core.security.principal import Principal
from core.storage.base import FileMissing, Storage, new_key

INGEST = "documents.ingest"
log = structlog.get_logger()


class Documents:
    """An organization's documents, their files and their jobs."""

    def __init__(self, database: Database, storage: Storage) -> None:
        self._database = database
        self._storage = storage

    async def take(self, principal: Principal, upload: Upload) -> tuple[Document, bool]:
        """The document of an upload, and whether it is new: the same content twice is one document.

        One that failed is tried again, with the file that came now: the old one may be lost.

        The file is stored before its row is written: a row never points at nothing, and a file whose row
        failed is swept later.
        """
        async with self._database.transaction(_claims(principal)) as connection:
            known = await documents.by_digest(connection, upload.digest)
        if known is not None:
            return await self._again(principal, known, upload), False
        key = new_key(principal.organization_id)
        await self._storage.save(key, upload.file, MEDIA_TYPES[upload.kind])
        try:
            return await self._insert(principal, upload, key), True
        except psycopg.errors.UniqueViolation:
            await self._storage.delete(key)
            async with self._database.transaction(_claims(principal)) as connection:
                known = await documents.by_digest(connection, upload.digest)
            if known is None:
                raise Conflict("The same file was deleted meanwhile. Upload it again.") from None
            return known, False

    async def page(
        self, principal: Principal, status: Status | None, category: str | None, limit: int, offset: int
    ) -> tuple[list[Document], int]:
        """Newest first, and how many there are."""
        async with self._database.transaction(_claims(principal)) as connection:
            return await documents.page(connection, status, category, limit, offset)

    async def read(self, principal: Principal, document_id: str) -> Document:
        """One document; raises `core.errors.NotFound`."""
        async with self._database.transaction(_claims(principal)) as connection:
            return _found(await documents.by_id(connection, document_id), document_id)

    async def remove(self, principal: Principal, document_id: str) -> None:
        """Delete chunks, row, waiting job and file; raises `core.errors.NotFound`."""
        async with self._database.transaction(_claims(principal)) as connection:
            gone = _found(await documents.delete(connection, document_id), document_id)
        try:
            await self._storage.delete(gone.storage_key)
        except OutsideError as fault:
            log.warning("file_left_to_the_sweep", document_id=document_id, error=fault.message)

    async def retry(self, principal: Principal, document_id: str) -> Document:
        """Have a failed document tried again; raises `core.errors.NotFound` and `core.errors.Conflict`."""
        async with self._database.transaction(_claims(principal)) as connection:
            renewed = await documents.renew(connection, document_id)
            if renewed is not None:
                await _queue(connection, renewed)
                return renewed
            found = _found(await documents.by_id(connection, document_id), document_id)
        raise Conflict(f"The document is {found.status}.", details={"processing_status": found.status})

    async def original(self, document: Document) -> AsyncIterator[bytes]:
        """The file as it was uploaded. Raises `core.errors.NotFound` before the first piece."""
        pieces = self._storage.read(document.storage_key)
        try:
            first = await anext(pieces, b"")
        except FileMissing as fault:
            raise NotFound("The original is gone.", details={"id": document.id}) from fault
        return _with_first(first, pieces)

    async def _again(self, principal: Principal, known: Document, upload: Upload) -> Document:
        if known.status != "failed":
            return known
        await self._storage.save(known.storage_key, upload.file, MEDIA_TYPES[upload.kind])
        async with self._database.transaction(_claims(principal)) as connection:
            renewed = await documents.renew(connection, known.id)
            if renewed is not None:
                await _queue(connection, renewed)
        return renewed or known

    async def _insert(self, principal: Principal, upload: Upload, key: str) -> Document:
        values = {
            "id": new_id("doc"),
            "organization_id": principal.organization_id,
            "filename": upload.filename,
            "file_type": upload.kind,
            "file_size": upload.size,
            "digest": upload.digest,
            "storage_key": key,
            "category": upload.category,
            "tags": upload.tags,
        }
        async with self._database.transaction(_claims(principal)) as connection:
            document = await documents.insert(connection, values)
            await _queue(connection, document)
        return document


async def _queue(connection: Connection, document: Document) -> None:
    job_id = await defer(
        connection, INGEST, organization_id=document.organization_id, document_id=document.id
    )
    await documents.queued(connection, document.id, job_id)


async def _with_first(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for piece in rest:
        yield piece


def _found(document: Document | None, document_id: str) -> Document:
    if document is None:
        raise NotFound(f"There is no document {document_id}.", details={"id": document_id})
    return document


def _claims(principal: Principal) -> Claims:
    return Claims.for_organization(principal.organization_id, principal.user_id)
