"""Keys that expire, and those that should be rotated soon."""

from datetime import timedelta
from itertools import groupby
from operator import itemgetter
from typing import Final

import structlog
from procrastinate import JobContext

from core.clock import rfc3339, utc_now
from core.database import Claims, Database
from core.jobs import defer, jobs
from core.mail import Mail, open_mailer
from core.settings import Settings
from core.vault import repository
from ingestion_worker.accounts.repository import admins
from ingestion_worker.accounts.tasks import PATIENCE

WARN_BEFORE: Final = timedelta(days=7)
log = structlog.get_logger()


@jobs.periodic(cron="41 * * * *")
@jobs.task(name="vault.look_after", queueing_lock="vault.look_after", pass_context=True)
async def look_after(context: JobContext, timestamp: int) -> None:
    """Put expired keys out of force, and have admins warned once of those that are due within a week."""
    database: Database = context.additional_context["database"]
    async with database.transaction(Claims.for_maintenance()) as connection:
        expired = await repository.expire(connection)
        due = await repository.take_due(connection, utc_now() + WARN_BEFORE)
        for organization_id, rows in groupby(due, key=itemgetter("organization_id")):
            keys = [f"{row['provider']}/{row['key_name']} by {rfc3339(row['next_rotation'])}" for row in rows]
            await defer(connection, "vault.warn", organization_id=organization_id, keys=keys)
    log.info("vault_looked_after", expired=expired, due=len(due))


@jobs.task(name="vault.warn", retry=PATIENCE, pass_context=True)
async def warn(context: JobContext, organization_id: str, keys: list[str]) -> None:
    """Tell an organization's admins which keys to rotate."""
    database: Database = context.additional_context["database"]
    settings: Settings = context.additional_context["settings"]
    lines = "\n".join(f"- {key}" for key in keys)
    text = f"Hello,\n\nthese keys in your vault should be rotated soon:\n\n{lines}\n"
    mailer = open_mailer(settings)
    for email in await admins(database, organization_id):
        message_id = f"{organization_id}-{context.job.id}-{email.replace('@', '.')}"
        await mailer.send(Mail(email, "Keys to rotate", text, message_id))
