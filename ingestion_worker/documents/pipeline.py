"""One document's way from its file to its chunks: fetched, parsed, embedded, stored.

Safe to run twice, and at once: each run takes the document with a new attempt, and only the latest may
store. Everything is stored in one transaction, so a run that dies leaves nothing behind.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

import structlog

from core.database import Claims, Database
from core.embeddings.base import Embedder
from core.embeddings.choice import Embedders
from core.errors import TerminalOutsideError, TransientOutsideError
from core.knowledge import chunks, documents
from core.knowledge.documents import Document
from core.storage.base import FileMissing, Storage
from ingestion_worker.documents.parser import DocumentUnreadable, ParsedDocument, Parser, ParserCrashed
from ingestion_worker.documents.progress import Progress

if TYPE_CHECKING:
    from core.embeddings.base import Vectors

log = structlog.get_logger()
_CRASHED = "Reading the file made the reader break down each time it was tried. Save it in another format."


class TryAgain(Exception):
    """Something was away or died; the document waits for another try."""


class _Overtaken(Exception):
    """Another run has taken the document."""


class DocumentPipeline:
    """Processes documents with the parts of one worker."""

    def __init__(self, database: Database, storage: Storage, embedders: Embedders, parser: Parser) -> None:
        self._database = database
        self._storage = storage
        self._embedders = embedders
        self._parser = parser

    async def run(self, organization_id: str, document_id: str) -> None:
        """Process one document to its end: completed, or failed with a reason. Raises `TryAgain`."""
        claims = Claims.for_organization(organization_id)
        async with self._database.transaction(claims) as connection:
            document = await documents.begin(connection, document_id)
        if document is None:
            return
        if document.tries > 1 + documents.RETRIES:
            await self._give_up(document, "crashed", _CRASHED)
            return
        try:
            await self._process(document)
        except _Overtaken:
            log.info("document_overtaken", document_id=document.id, attempt=document.attempt)
        except DocumentUnreadable as fault:
            await self._give_up(document, fault.code, fault.reason, fault.fault)
        except FileMissing:
            await self._give_up(document, "file_missing", documents.FILE_MISSING)
        except TerminalOutsideError as fault:
            await self._give_up(document, "outside", fault.message)
        except ParserCrashed as fault:
            last = document.tries >= documents.CRASHES
            await self._put_back(document, "crashed", _CRASHED, fault, last=last)
        except TransientOutsideError as fault:
            last = document.tries > documents.RETRIES
            await self._put_back(document, "outside", fault.message, fault, last=last)

    async def _process(self, document: Document) -> None:
        began = monotonic()
        progress = Progress(self._database, document)
        with tempfile.TemporaryDirectory(prefix="limitless-") as folder:
            path = Path(folder) / "document"
            await self._fetch(document, path)
            parsed = await self._parser.parse(path, progress.pages)
        pieces = [
            chunks.NewChunk(chunk.text, chunks.HEADING_SEPARATOR.join(chunk.heading), chunk.page)
            for chunk in parsed.chunks
        ]
        embedder = self._embedders.current
        vectors = await _embedded(embedder, pieces, progress)
        await self._store(document, parsed, pieces, vectors, embedder.name)
        log.info(
            "document_processed",
            document_id=document.id,
            pages=parsed.pages,
            chunks=len(pieces),
            seconds=round(monotonic() - began, 2),
        )

    async def _fetch(self, document: Document, path: Path) -> None:
        with path.open("wb") as file:
            async for piece in self._storage.read(document.storage_key):
                file.write(piece)

    async def _store(
        self,
        document: Document,
        parsed: ParsedDocument,
        pieces: list[chunks.NewChunk],
        vectors: Vectors,
        model: str,
    ) -> None:
        values = {
            "pages": parsed.pages,
            "language": parsed.language,
            "total_chunks": len(pieces),
            "embedding_model": model,
            "embedding_dimensions": vectors.shape[1],
        }
        async with self._database.transaction(
            Claims.for_organization(document.organization_id)
        ) as connection:
            if not await documents.complete(connection, document, values):
                raise _Overtaken
            if await documents.is_superseded(connection, document):
                gone = [await documents.delete(connection, document.id)]
            else:
                await chunks.store(
                    connection, document, pieces, vectors, model=model, language=parsed.language
                )
                gone = [*await documents.delete_superseded(connection, document)]
        for old in filter(None, gone):
            await self._storage.delete(old.storage_key)

    async def _give_up(self, document: Document, code: str, reason: str, fault: str | None = None) -> None:
        log.warning("document_failed", document_id=document.id, code=code, reason=reason, fault=fault)
        async with self._database.transaction(
            Claims.for_organization(document.organization_id)
        ) as connection:
            await documents.give_up(connection, document, code, reason)

    async def _put_back(
        self, document: Document, code: str, reason: str, fault: Exception, *, last: bool
    ) -> None:
        if last:
            await self._give_up(document, code, reason, str(fault))
            return
        async with self._database.transaction(
            Claims.for_organization(document.organization_id)
        ) as connection:
            await documents.put_back(connection, document)
        raise TryAgain(str(fault)) from fault


async def _embedded(embedder: Embedder, pieces: list[chunks.NewChunk], progress: Progress) -> Vectors:
    import numpy as np

    batches = []
    for start in range(0, len(pieces), embedder.batch_size):
        await progress.chunks(start, len(pieces))
        batch = pieces[start : start + embedder.batch_size]
        batches.append(await embedder.embed([piece.meaning for piece in batch]))
    return np.concatenate(batches)
