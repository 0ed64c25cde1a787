"""Looks after documents that nobody works on, and files that nobody knows."""

from datetime import timedelta

import structlog

from core.clock import utc_now
from core.database import Claims, Database
from core.jobs import defer
from core.knowledge import documents
from core.storage.base import Storage

IDLE_AFTER_S = 900
YOUNG = timedelta(hours=1)
"""A file without a row may be an upload that is not over; after this it is left over."""

log = structlog.get_logger()


async def take_up_idle(database: Database) -> None:
    """Queue documents anew that nobody has touched for a while, whatever became of their job."""
    idle = await database.fetch(Claims.nobody(), "select * from app.idle_documents(%s)", (IDLE_AFTER_S,))
    for row in idle:
        log.warning("document_taken_up", document_id=row["document_id"])
        async with database.transaction(Claims.for_organization(row["organization_id"])) as connection:
            job_id = await defer(connection, "documents.ingest", **row)
            await documents.queued(connection, row["document_id"], job_id)


async def sweep(database: Database, storage: Storage) -> None:
    """Clear files whose row is gone, and rows that wait for a file that is."""
    for row in await database.fetch(Claims.nobody(), "select * from app.every_organization()"):
        await _sweep(database, storage, row["organization_id"])


async def _sweep(database: Database, storage: Storage, organization_id: str) -> None:
    # Files first: an upload that ends meanwhile has its row when rows are read.
    stored = {file.key: file.stored_at async for file in storage.files(organization_id)}
    async with database.transaction(Claims.for_organization(organization_id)) as connection:
        known = set(await documents.storage_keys(connection))
        for document_id in await documents.fail_without_file(connection, list(stored)):
            log.warning("document_without_file", document_id=document_id)
    for key, stored_at in stored.items():
        if key not in known and stored_at < utc_now() - YOUNG:
            log.warning("file_without_document", key=key)
            await storage.delete(key)
