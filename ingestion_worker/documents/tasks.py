"""The jobs of documents."""

from datetime import timedelta

import structlog
from procrastinate import JobContext, RetryStrategy

from core.clock import utc_now
from core.database import Claims, Database
from core.errors import Unavailable
from core.jobs import defer, jobs
from core.knowledge import documents
from core.storage.base import Storage
from ingestion_worker.documents.pipeline import DocumentPipeline, TryAgain

IDLE_AFTER_S = 900
YOUNG = timedelta(hours=1)
"""A file without a row may be an upload that is not over; after this it is left over."""
BACKOFF = RetryStrategy(exponential_wait=3, retry_exceptions=[TryAgain, Unavailable])
"""3, 9 and 27 seconds; how often is counted beside the document, which outlives its jobs."""

log = structlog.get_logger()


@jobs.task(name="documents.ingest", retry=BACKOFF, pass_context=True)
async def ingest(context: JobContext, organization_id: str, document_id: str) -> None:
    """Process one document."""
    pipeline: DocumentPipeline = context.additional_context["documents"]
    await pipeline.run(organization_id, document_id)


@jobs.periodic(cron="*/5 * * * *")
@jobs.task(name="documents.take_up_idle", queueing_lock="documents.take_up_idle", pass_context=True)
async def take_up_idle(context: JobContext, timestamp: int) -> None:
    """Queue documents anew that nobody has touched for a while, whatever became of their job."""
    database: Database = context.additional_context["database"]
    idle = await database.fetch(Claims.nobody(), "select * from app.idle_documents(%s)", (IDLE_AFTER_S,))
    for row in idle:
        log.warning("document_taken_up", document_id=row["document_id"])
        async with database.transaction(Claims.for_organization(row["organization_id"])) as connection:
            job = await defer(connection, "documents.ingest", **row)
            await documents.queued(connection, row["document_id"], job)


@jobs.periodic(cron="17 * * * *")
@jobs.task(name="documents.sweep", queueing_lock="documents.sweep", pass_context=True)
async def sweep(context: JobContext, timestamp: int) -> None:
    """Clear files whose row is gone, and rows that wait for a file that is."""
    database: Database = context.additional_context["database"]
    storage: Storage = context.additional_context["storage"]
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
