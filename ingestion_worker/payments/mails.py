"""The mail to who has paid: sent once, though its job may run twice."""

from datetime import timedelta

from core.database import Claims, Database
from core.errors import OutsideError, TransientOutsideError
from core.mail import Mailer
from ingestion_worker.payments import mail_repository
from ingestion_worker.payments.wording import onboarding

LEASE = timedelta(minutes=2)
"""How long one job may take to send it before another may try."""


async def send_onboarding(database: Database, mailer: Mailer, organization_id: str, payment_id: str) -> None:
    """Send it unless it was sent.

    A job that dies after the server took the mail and before that is written down sends it again, with the
    same message id. Raises `core.errors.TransientOutsideError` while another job is at it.
    """
    claims = Claims.for_organization(organization_id)
    async with database.transaction(claims) as connection:
        payment = await mail_repository.claim(connection, payment_id, LEASE)
        template = await mail_repository.template(connection, organization_id)
        due = payment is not None or await mail_repository.is_due(connection, payment_id)
    if payment is None:
        if due:
            raise TransientOutsideError("Another job is sending this mail.")
        return
    try:
        await mailer.send(onboarding(payment, template))
    except OutsideError:
        async with database.transaction(claims) as connection:
            await mail_repository.give_back(connection, payment_id)
        raise
    async with database.transaction(claims) as connection:
        await mail_repository.finish(connection, payment_id)
