"""Takes jobs from Postgres and does them."""

import asyncio
from contextlib import aclosing
from typing import Any

import structlog

from core.database import Database
from core.embeddings.choice import open_embedders
from core.jobs import connector, jobs
from core.knowledge.reembedding import outdated
from core.settings import Settings
from core.storage.choice import open_storage
from core.tracing import start_tracing
from ingestion_worker.documents.parser import Parser
from ingestion_worker.documents.pipeline import DocumentPipeline

HEARTBEAT_S = 10.0
STALLED_WORKER_S = 60.0
GRACE_S = 2.0
PAUSE_S = 1.0
"""After the queue was lost, before it is tried again."""

log = structlog.get_logger()


async def run_worker(settings: Settings, conninfo: str, concurrency: int = 2) -> None:
    """Work until cancelled, also past an outage; jobs under way get a moment to end."""
    from ingestion_worker import tasks  # noqa: F401 - registers the tasks

    start_tracing(settings.otel_exporter_otlp_endpoint)
    database = Database(conninfo, size=concurrency + 2)
    await database.open()
    try:
        async with (
            open_storage(settings) as storage,
            open_embedders(settings) as embedders,
            aclosing(Parser()) as parser,
        ):
            context = {
                "database": database,
                "settings": settings,
                "storage": storage,
                "documents": DocumentPipeline(database, storage, embedders, parser),
            }
            await _notice_other_models(database, embedders.current.name)
            while True:
                try:
                    await _take_jobs(conninfo, concurrency, context)
                except Exception as fault:  # the edge of the worker: jobs must go on, whatever broke
                    log.warning("worker_interrupted", error=repr(fault))
                await asyncio.sleep(PAUSE_S)
    finally:
        await database.close()


async def _take_jobs(conninfo: str, concurrency: int, context: dict[str, Any]) -> None:
    """Work until cancelled, or until the queue is lost: the library stops then, in silence or not."""
    with jobs.replace_connector(connector(conninfo, size=concurrency + 2)) as app:
        async with app.open_async():
            await app.run_worker_async(
                concurrency=concurrency,
                additional_context=context,
                install_signal_handlers=False,
                update_heartbeat_interval=HEARTBEAT_S,
                stalled_worker_timeout=STALLED_WORKER_S,
                shutdown_graceful_timeout=GRACE_S,
                delete_jobs="successful",
            )


async def _notice_other_models(database: Database, model: str) -> None:
    """Say when documents have vectors of another model; they serve until they are renewed."""
    if waiting := await outdated(database, model):
        chunks = sum(one.chunks for one in waiting)
        log.warning("embedding_model_changed", model=model, documents=len(waiting), chunks=chunks)
