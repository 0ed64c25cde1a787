"""How long things are kept: marketing data two years, audit events seven, ended sessions a day."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

import structlog
from procrastinate import JobContext

from core.database import Claims, Database
from core.database.pool import Connection
from core.jobs import jobs
from ingestion_worker.privacy import leads, requests
from ingestion_worker.retention import repository

BATCH: Final = 1000
CONVERSATIONS: Final = 100
FAILED_JOBS_KEPT_HOURS: Final = 24 * 30
Step = Callable[[Connection, int], Awaitable[int]]
INSTALLATION: Final[Mapping[str, Step]] = {
    "sessions": repository.delete_ended_sessions,
    "archives": repository.delete_expired_archives,
    "stripe_events": repository.redact_stripe_events,
    "audit_events": repository.prune_audit,
}
ORGANIZATION: Final[Mapping[str, Step]] = {
    "visits": repository.delete_old_visits,
    "turn_logs": repository.forget_turn_logs,
    "invitations": repository.delete_old_invitations,
    "checkouts": repository.delete_left_checkouts,
}
log = structlog.get_logger()


@jobs.periodic(cron="17 * * * *")
@jobs.task(name="retention.let_go", queueing_lock="retention.let_go", pass_context=True)
async def let_go(context: JobContext, timestamp: int) -> None:
    """Delete what is older than it may be, in every organization, a batch at a time."""
    database: Database = context.additional_context["database"]
    maintenance = Claims.for_maintenance()
    async with database.transaction(maintenance) as connection:
        await repository.forget_spent_links(connection)
        organizations = await repository.organizations(connection)
    gone = {kind: await _in_batches(database, maintenance, step) for kind, step in INSTALLATION.items()}
    for one in organizations:
        for kind, count in (await _let_go_in(database, Claims.for_organization(one))).items():
            gone[kind] = gone.get(kind, 0) + count
    await jobs.job_manager.delete_old_jobs(
        nb_hours=FAILED_JOBS_KEPT_HOURS, include_failed=True, include_cancelled=True, include_aborted=True
    )
    log.info("retention_done", **gone)


async def _let_go_in(database: Database, claims: Claims) -> dict[str, int]:
    async with database.transaction(claims) as connection:
        gone = {"requests_given_up": await requests.give_up(connection)}
    gone["conversations"] = await _let_go_of_conversations(database, claims)
    return gone | {kind: await _in_batches(database, claims, step) for kind, step in ORGANIZATION.items()}


async def _in_batches(database: Database, claims: Claims, step: Step) -> int:
    """Until a batch is not full; each is committed by itself."""
    gone = 0
    while True:
        async with database.transaction(claims) as connection:
            count = await step(connection, BATCH)
        gone += count
        if count < BATCH:
            return gone


async def _let_go_of_conversations(database: Database, claims: Claims) -> int:
    gone = 0
    while True:
        async with database.transaction(claims) as connection:
            old = await repository.old_conversations(connection, CONVERSATIONS)
            if old:
                await leads.erase(connection, old)
        gone += len(old)
        if len(old) < CONVERSATIONS:
            return gone
