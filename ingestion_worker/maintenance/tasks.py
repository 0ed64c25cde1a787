"""Periodic tasks that belong to no organization."""

import structlog
from procrastinate import JobContext

from core.database import Claims, Database
from core.jobs import jobs

STALLED_AFTER_S = 30
"""Three heartbeats missed; with a look every 15 s, nothing lies for longer than a minute."""
log = structlog.get_logger()


@jobs.periodic(cron="* * * * * */15")
@jobs.task(name="maintenance.retry_stalled_jobs", queueing_lock="maintenance.retry_stalled_jobs", priority=10)
async def retry_stalled_jobs(timestamp: int) -> None:
    """Put jobs whose worker died back into the queue."""
    for job in await jobs.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_AFTER_S):
        log.warning("job_retried_after_its_worker_died", job_id=job.id, task=job.task_name)
        await jobs.job_manager.retry_job(job)


@jobs.periodic(cron="*/5 * * * *")
@jobs.task(
    name="maintenance.forget_old_requests",
    queueing_lock="maintenance.forget_old_requests",
    pass_context=True,
)
async def forget_old_requests(context: JobContext, timestamp: int) -> None:
    """Drop counted requests whose window is over."""
    database: Database = context.additional_context["database"]
    await database.fetch(Claims.nobody(), "select app.forget_old_requests()")
