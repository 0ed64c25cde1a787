"""The transaction in which an event is handled."""

from collections.abc import Awaitable, Callable

import structlog
from psycopg.rows import DictRow

from core.database import Claims, Database
from core.database.pool import Connection
from core.jobs import defer
from core.payments.events import StripeEvent
from ingestion_worker.payments import repository

log = structlog.get_logger()

Apply = Callable[[Connection], Awaitable[str]]
"""Does what the event asks for, and names what came of it."""


async def settle_in(database: Database, organization_id: str, event: StripeEvent, apply: Apply) -> None:
    """Handle an event for an organization, once, however many copies of its job run."""
    async with database.transaction(Claims.for_organization(organization_id)) as connection:
        if not await repository.hold_event(connection, event.id):
            return
        outcome = await apply(connection)
        await repository.settle_event(connection, event.id, outcome)
    log.info("stripe_event_handled", event_id=event.id, type=event.type, outcome=outcome)


async def settle_foreign(database: Database, event: StripeEvent, why: str = "ignored") -> None:
    """An event of the same Stripe account that is about nothing of ours."""
    await repository.settle_for_nobody(database, event.id, why)
    log.info("stripe_event_handled", event_id=event.id, type=event.type, outcome=why)


async def owner_or_wait(database: Database, event: StripeEvent, reference: str) -> DictRow | None:
    """The payment that an event is about; None when the event was put aside until it comes.

    It never does where the event is about a payment that is none of ours.
    """
    while (owner := await repository.payment_owner(database, reference)) is None:
        if await repository.await_payment(database, event.id, reference):
            log.info("stripe_event_waits", event_id=event.id, type=event.type, waits_for=reference)
            return None
    return owner


async def wake_waiting(connection: Connection, references: list[str | None]) -> None:
    """Queue the events that waited for a payment of this transaction; call it before writing the payment."""
    for event_id in await repository.announce_payment(connection, references):
        await defer(connection, "payments.handle_event", event_id=event_id)


async def alert(
    connection: Connection,
    organization_id: str,
    kind: str,
    subject: str,
    message: str,
    details: dict[str, object],
) -> None:
    """Raise an alert for the owner, and a line in the log for the operator."""
    log.error(kind, organization_id=organization_id, subject=subject, **details)
    await repository.raise_alert(
        connection,
        {
            "organization_id": organization_id,
            "type": kind,
            "subject": subject,
            "severity": "high",
            "message": message,
            "details": details,
        },
    )
