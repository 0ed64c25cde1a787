"""The jobs behind requests for one's data. Each is safe to run twice."""

from typing import Any

from procrastinate import JobContext
from psycopg.rows import DictRow

from core.database import Claims, Database
from core.errors import Conflict
from core.jobs import defer, jobs, patience
from core.mail import Mail, Mailer, open_mailer
from core.settings import Settings
from ingestion_worker.privacy import leads, people, requests
from ingestion_worker.privacy.archive import Holdings, zipped

PATIENCE = patience(attempts=8, wait_s=4)


@jobs.task(name="privacy.export", retry=PATIENCE, pass_context=True)
async def export(context: JobContext, request_id: str, organization_id: str) -> None:
    """Make the archive of a request."""
    database: Database = context.additional_context["database"]
    async with database.transaction(Claims.for_organization(organization_id)) as connection:
        wanted = await requests.take(connection, request_id)
        if wanted is None:
            return
        if wanted["subject"] == "lead":
            found = await leads.held(connection, wanted["subject_ids"])
        else:
            found = await _held_on_person(database, organization_id, wanted)
        await requests.keep_archive(connection, request_id, organization_id, zipped(found))
        counts = {kind: len(rows) for kind, rows in found.items() if rows}
        await requests.complete(connection, request_id, {"found": counts})


@jobs.task(name="privacy.delete", retry=PATIENCE, pass_context=True)
async def delete(context: JobContext, request_id: str, organization_id: str) -> None:
    """Do away with what a request is about."""
    database: Database = context.additional_context["database"]
    mailer = open_mailer(context.additional_context["settings"])
    async with database.transaction(Claims.for_organization(organization_id)) as connection:
        wanted = await requests.take(connection, request_id)
        if wanted is None:
            return
        if wanted["subject"] == "lead":
            await mailer.forget(await leads.emails(connection, wanted["subject_ids"]))
            receipt = await leads.erase(connection, wanted["subject_ids"])
            await requests.forget_conversations(connection, wanted["subject_ids"])
            await requests.complete(connection, request_id, receipt)
            return
    try:
        await _delete_person(database, mailer, organization_id, wanted)
    except Conflict as fault:
        async with database.transaction(Claims.for_organization(organization_id)) as connection:
            await requests.fail(connection, request_id, str(fault))


@jobs.task(name="privacy.send_receipt", retry=PATIENCE, pass_context=True)
async def send_receipt(
    context: JobContext, email: str, deleted: dict[str, int], request_id: str | None = None
) -> None:
    """The last mail to somebody whose account is gone; jobs of older versions do not name the request."""
    settings: Settings = context.additional_context["settings"]
    lines = "\n".join(f"- {kind.replace('_', ' ')}: {count}" for kind, count in deleted.items())
    text = f"Hello,\n\nyour account is deleted, and with it:\n\n{lines}\n\nThis was our last mail to you.\n"
    await open_mailer(settings).send(Mail(email, "Your account is deleted", text, request_id))


async def _held_on_person(database: Database, organization_id: str, wanted: DictRow) -> Holdings:
    """All of it for the person themself; for an admin, what the organization holds."""
    user_id = wanted["subject_ids"][0]
    claims = Claims.for_organization(organization_id, user_id)
    async with database.transaction(claims) as connection:
        if wanted["requested_by"] != user_id:
            return await people.in_organization(connection, user_id)
        own = await people.own(connection, user_id)
        everywhere = await people.organizations(connection)
    found: dict[str, list[Any]] = {kind: list(rows) for kind, rows in own.items()}
    for one in everywhere:
        async with database.transaction(Claims.for_organization(one, user_id)) as connection:
            for kind, rows in (await people.in_organization(connection, user_id)).items():
                found.setdefault(kind, []).extend(rows)
    return found


async def _delete_person(database: Database, mailer: Mailer, organization_id: str, wanted: DictRow) -> None:
    """Out of every organization, then the account; a step that was done before finds nothing.

    Raises `core.errors.Conflict` when what held when it was asked for holds no more.
    """
    user_id = wanted["subject_ids"][0]
    home = Claims.for_organization(organization_id, user_id)
    async with database.transaction(home) as connection:
        email = await people.email_of(connection, user_id)
        everywhere = await people.organizations(connection)
    if wanted["requested_by"] != user_id and set(everywhere) - {organization_id}:
        raise Conflict("This person belongs to other organizations, too; only they can ask for this.")
    deleted: dict[str, int] = {}
    for one in everywhere:
        async with database.transaction(Claims.for_organization(one, user_id)) as connection:
            if await people.is_last_admin(connection, user_id):
                raise Conflict("An organization would have no admin left; make somebody else one first.")
            for kind, count in (await people.leave(connection, user_id)).items():
                deleted[kind] = deleted.get(kind, 0) + count
    async with database.transaction(home) as connection:
        deleted |= await people.close_account(connection, user_id)
        receipt = {kind: count for kind, count in deleted.items() if count}
        await requests.complete(connection, wanted["id"], {"deleted": receipt})
        if email is not None:
            await mailer.forget({email})
            about = {"email": email, "deleted": receipt, "request_id": wanted["id"]}
            await defer(connection, "privacy.send_receipt", **about)
