"""Stripe's events on their way in: verified, kept once with the job that handles them, and acknowledged."""

from collections.abc import Sequence
from time import time

from api.payments import repository
from core.database import Claims, Database
from core.errors import NotFound
from core.jobs import defer
from core.payments.events import MalformedEvent, StripeEvent
from core.payments.signatures import is_signed


async def receive(database: Database, secrets: Sequence[str], body: bytes, signature: str) -> None:
    """Keep an event.

    Raises `core.errors.NotFound` where no secret is set, `core.payments.events.MalformedEvent` for a body
    that Stripe did not just sign.
    """
    if not secrets:
        raise NotFound("There is no such webhook here.")
    if not is_signed(body, signature, secrets, time()):
        raise MalformedEvent("The signature does not fit.")
    event = StripeEvent.parse(body)
    async with database.transaction(Claims.nobody()) as connection:
        if await repository.store_event(connection, event, body.decode()):
            await defer(connection, "payments.handle_event", event_id=event.id)
