"""Everything that must happen later: jobs in Postgres, written in the transaction that needs them."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, Final

import psycopg
from procrastinate import App, JobContext, PsycopgConnector, RetryStrategy
from procrastinate.worker import Worker
from structlog.contextvars import bound_contextvars

from core.database.pool import Connection
from core.errors import TransientOutsideError, Unavailable
from core.origin import ORIGIN
from core.tracing import span

ASKED_FOR_BY: Final = "http_request_id"
"""The argument of every job that a request queued: its log lines carry it, its task does not see it."""


async def _named(call_next: Callable[[], Awaitable[Any]], context: JobContext, _: Worker) -> Any:
    """Runs a job so that what it logs says which one it is, and which request asked for it."""
    names: dict[str, Any] = {"job_id": context.job.id, "task": context.job.task_name}
    if (request_id := context.job.task_kwargs.pop(ASKED_FOR_BY, None)) is not None:
        names["request_id"] = request_id
    with bound_contextvars(**names), span(f"job {names['task']}", limitless__job_id=str(names["job_id"])):
        return await call_next()


jobs = App(
    connector=PsycopgConnector(),
    periodic_defaults={"max_delay": 3600},
    worker_defaults={"worker_middleware": [_named]},
)
"""The queue. Tasks register with it in ``ingestion_worker``; whoever queues one names it."""


PASSING: tuple[type[Exception], ...] = (TransientOutsideError, Unavailable, psycopg.OperationalError)
"""What passes by itself: a job that met it is worth another try."""


def patience(attempts: int, wait_s: int) -> RetryStrategy:
    """Try again when a fault passes, after ``wait_s``, its square, its cube…"""
    return RetryStrategy(max_attempts=attempts, exponential_wait=wait_s, retry_exceptions=PASSING)


def connector(conninfo: str, *, size: int = 4) -> PsycopgConnector:
    """The worker's own way to the queue, which lives in the schema ``jobs``."""
    return PsycopgConnector(
        conninfo=conninfo,
        min_size=1,
        max_size=size,
        kwargs={"options": "-c search_path=jobs", "application_name": "limitless-worker"},
    )


async def defer(
    connection: Connection, task: str, /, *, queueing_lock: str | None = None, **args: Any
) -> int:
    """Queue ``task`` with ``args`` (JSON values) inside the caller's transaction; returns the job's id.

    A second job with the same ``queueing_lock`` that still waits raises
    `procrastinate.exceptions.AlreadyEnqueued`, and breaks the transaction.
    """
    deferrer = jobs.configure_task(task, connection=connection, queueing_lock=queueing_lock)
    return await deferrer.defer_async(**_asked_for(args))


async def defer_until(connection: Connection, moment: datetime, task: str, /, **args: Any) -> int:
    """The same for a job that is due at a moment."""
    deferrer = jobs.configure_task(task, connection=connection, schedule_at=moment)
    return await deferrer.defer_async(**_asked_for(args))


def _asked_for(args: dict[str, Any]) -> dict[str, Any]:
    """With the request that wants the job, if one does."""
    origin = ORIGIN.get()
    return args if origin is None else {**args, ASKED_FOR_BY: origin.request_id}
