"""How long things are kept: marketing data two years, audit events seven, ended sessions a day."""

from typing import Final

import structlog
from procrastinate import JobContext

from core.database import Claims, Database
from core.jobs import jobs
from ingestion_worker.privacy import leads
from ingestion_worker.retention import repository

BATCH: Final = 100
log = structlog.get_logger()


@jobs.periodic(cron="17 * * * *")
@jobs.task(name="retention.let_go", queueing_lock="retention.let_go", pass_context=True)
async def let_go(context: JobContext, timestamp: int) -> None:
    """Delete what is older than it may be, in every organization."""
    database: Database = context.additional_context["database"]
    async with database.transaction(Claims.for_maintenance()) as connection:
        gone = {
            "sessions": await repository.delete_ended_sessions(connection),
            "archives": await repository.delete_expired_archives(connection),
            "links": await repository.forget_spent_links(connection),
            "audit_events": await repository.prune_audit(connection),
        }
        organizations = await repository.organizations(connection)
    gone["visits"] = gone["conversations"] = 0
    for one in organizations:
        visits, conversations = await _let_go_of_marketing(database, one)
        gone["visits"] += visits
        gone["conversations"] += conversations
    log.info("retention_done", **gone)


async def _let_go_of_marketing(database: Database, organization_id: str) -> tuple[int, int]:
    claims = Claims.for_organization(organization_id)
    async with database.transaction(claims) as connection:
        visits = await repository.delete_old_visits(connection)
    conversations = 0
    while True:
        async with database.transaction(claims) as connection:
            old = await repository.old_conversations(connection, BATCH)
            if not old:
                return visits, conversations
            await leads.erase(connection, old)
        conversations += len(old)
