"""The jobs of documents."""

from procrastinate import JobContext, RetryStrategy

from core.jobs import PASSING, jobs
from ingestion_worker.documents import upkeep
from ingestion_worker.documents.pipeline import DocumentPipeline, TryAgain

BACKOFF = RetryStrategy(exponential_wait=3, retry_exceptions=(TryAgain, *PASSING))
"""3, 9 and 27 seconds; how often is counted beside the document, which outlives its jobs."""


@jobs.task(name="documents.ingest", retry=BACKOFF, pass_context=True)
async def ingest(context: JobContext, organization_id: str, document_id: str) -> None:
    """Process one document."""
    pipeline: DocumentPipeline = context.additional_context["documents"]
    await pipeline.run(organization_id, document_id)


@jobs.periodic(cron="*/5 * * * *")
@jobs.task(name="documents.take_up_idle", queueing_lock="documents.take_up_idle", pass_context=True)
async def take_up_idle(context: JobContext, timestamp: int) -> None:
    """See to documents that stand still."""
    await upkeep.take_up_idle(context.additional_context["database"])


@jobs.periodic(cron="17 * * * *")
@jobs.task(name="documents.sweep", queueing_lock="documents.sweep", pass_context=True)
async def sweep(context: JobContext, timestamp: int) -> None:
    """See to files and rows that have lost each other."""
    await upkeep.sweep(context.additional_context["database"], context.additional_context["storage"])
