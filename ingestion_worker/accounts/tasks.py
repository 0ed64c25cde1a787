"""Mails about accounts. A link's token is made here, so that no job's arguments hold one.

A job that runs twice sends the same mail, with the same link and the same message id.
"""

from dataclasses import replace

from procrastinate import JobContext

from core.database import Database
from core.jobs import jobs, patience
from core.mail import Mail, open_mailer
from core.security.keys import load_secret_key
from core.security.mail_tokens import mail_token, mail_token_hash
from core.settings import Settings
from ingestion_worker.accounts import mails, repository

PATIENCE = patience(attempts=8, wait_s=4)


@jobs.task(name="accounts.send_registration", retry=PATIENCE, pass_context=True)
async def send_registration(context: JobContext, registration_id: str) -> None:
    """The link that makes an account, or word that there is one."""
    mail_id, token = _mail_of(context, registration_id)
    found = await repository.arm_registration(_database(context), registration_id, mail_token_hash(token))
    if found is None:
        return
    base = _settings(context).base_url
    if found["known"]:
        mail = mails.address_in_use(found["email"], f"{base}/account")
    else:
        mail = mails.confirm_registration(found["email"], f"{base}/account#confirm={token}")
    await _send(context, mail, mail_id)


@jobs.task(name="accounts.send_password_reset", retry=PATIENCE, pass_context=True)
async def send_password_reset(context: JobContext, reset_id: str) -> None:
    """The link that sets a password, where there is an account."""
    mail_id, token = _mail_of(context, reset_id)
    found = await repository.arm_password_reset(_database(context), reset_id, mail_token_hash(token))
    if found is not None:
        link = f"{_settings(context).base_url}/account#reset={token}"
        await _send(context, mails.reset_password(found["email"], link), mail_id)


@jobs.task(name="accounts.send_invitation", retry=PATIENCE, pass_context=True)
async def send_invitation(context: JobContext, invitation_id: str, organization_id: str) -> None:
    """The link into an organization."""
    mail_id, token = _mail_of(context, invitation_id)
    found = await repository.arm_invitation(
        _database(context), organization_id, invitation_id, mail_token_hash(token)
    )
    if found is not None:
        link = f"{_settings(context).base_url}/account#invitation={token}"
        await _send(context, mails.invitation(found["email"], found["name"], found["role"], link), mail_id)


def _mail_of(context: JobContext, about: str) -> tuple[str, str]:
    """The id and the token of this job's one mail."""
    mail_id = f"{about}-{context.job.id}"
    return mail_id, mail_token(load_secret_key(_settings(context)), mail_id)


async def _send(context: JobContext, mail: Mail, mail_id: str) -> None:
    await open_mailer(_settings(context)).send(replace(mail, message_id=mail_id))


def _database(context: JobContext) -> Database:
    database: Database = context.additional_context["database"]
    return database


def _settings(context: JobContext) -> Settings:
    settings: Settings = context.additional_context["settings"]
    return settings
