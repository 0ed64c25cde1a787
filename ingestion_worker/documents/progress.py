"""How far a document is, written down now and then, and in the log where it takes long."""

from time import monotonic

import structlog

from core.database import Claims, Database
from core.knowledge import documents
from core.knowledge.documents import Document

_EVERY_S = 0.5
_LOGGED_EVERY_S = 5.0

log = structlog.get_logger()


class Progress:
    """Notes what is done, at most twice a second: whoever watches cannot read faster."""

    def __init__(self, database: Database, document: Document) -> None:
        self._database = database
        self._document = document
        self._noted_at = 0.0
        self._logged_at = monotonic()

    async def pages(self, done: int, total: int) -> None:
        """``done`` pages of ``total`` are read."""
        await self._note(pages=total, pages_done=done)

    async def chunks(self, done: int, total: int) -> None:
        """``done`` chunks of ``total`` are embedded."""
        await self._note(total_chunks=total, chunks_done=done)

    async def _note(self, **progress: int) -> None:
        if monotonic() - self._noted_at < _EVERY_S:
            return
        async with self._database.transaction(
            Claims.for_organization(self._document.organization_id)
        ) as connection:
            await documents.note_progress(connection, self._document, progress)
        self._noted_at = monotonic()
        if self._noted_at - self._logged_at >= _LOGGED_EVERY_S:
            log.info("document_progress", document_id=self._document.id, **progress)
            self._logged_at = self._noted_at
