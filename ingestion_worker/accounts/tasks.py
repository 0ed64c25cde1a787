"""Mails about accounts. A link's token is made here, so that no job's arguments hold one."""

from procrastinate import JobContext, RetryStrategy

from core.database import Database
from core.errors import TransientOutsideError
from core.jobs import jobs
from core.mail import Mail, open_mailer
from core.security.mail_tokens import mail_token_hash, new_mail_token
from core.settings import Settings
from ingestion_worker.accounts import mails, repository

PATIENCE = RetryStrategy(max_attempts=8, exponential_wait=4, retry_exceptions=[TransientOutsideError])


@jobs.task(name="accounts.send_registration", retry=PATIENCE, pass_context=True)
async def send_registration(context: JobContext, registration_id: str) -> None:
    """The link that makes an account, or word that there is one."""
    token = new_mail_token()
    found = await repository.arm_registration(_database(context), registration_id, mail_token_hash(token))
    if found is None:
        return
    base = _settings(context).base_url
    if found["known"]:
        mail = mails.address_in_use(found["email"], f"{base}/account")
    else:
        mail = mails.confirm_registration(found["email"], f"{base}/account#confirm={token}")
    await _send(context, mail)


@jobs.task(name="accounts.send_password_reset", retry=PATIENCE, pass_context=True)
async def send_password_reset(context: JobContext, reset_id: str) -> None:
    """The link that sets a password, where there is an account."""
    token = new_mail_token()
    found = await repository.arm_password_reset(_database(context), reset_id, mail_token_hash(token))
    if found is not None:
        link = f"{_settings(context).base_url}/account#reset={token}"
        await _send(context, mails.reset_password(found["email"], link))


@jobs.task(name="accounts.send_invitation", retry=PATIENCE, pass_context=True)
async def send_invitation(context: JobContext, invitation_id: str, organization_id: str) -> None:
    """The link into an organization."""
    token = new_mail_token()
    found = await repository.arm_invitation(
        _database(context), organization_id, invitation_id, mail_token_hash(token)
    )
    if found is not None:
        link = f"{_settings(context).base_url}/account#invitation={token}"
        await _send(context, mails.invitation(found["email"], found["name"], found["role"], link))


async def _send(context: JobContext, mail: Mail) -> None:
    await open_mailer(_settings(context)).send(mail)


def _database(context: JobContext) -> Database:
    database: Database = context.additional_context["database"]
    return database


def _settings(context: JobContext) -> Settings:
    settings: Settings = context.additional_context["settings"]
    return settings
