"""Ending an organization's plan with the period that is paid for."""

from core.database import Claims, Database
from core.jobs import defer_until
from core.payments import repository
from core.payments.provider import PaymentProvider


async def cancel(
    database: Database, provider: PaymentProvider, organization_id: str, subscription_id: str
) -> None:
    """Let a subscription end with its period; safe to run twice.

    Stripe tells of the end when it comes. The test desk tells nothing: there a job brings it about. Raises
    what `PaymentProvider.cancel_at_period_end` raises.
    """
    await provider.cancel_at_period_end(subscription_id)
    async with database.transaction(Claims.for_organization(organization_id)) as connection:
        ends_at = await repository.note_cancellation(connection, subscription_id)
        if provider.test and ends_at is not None:
            await defer_until(
                connection,
                ends_at,
                "payments.lapse",
                organization_id=organization_id,
                subscription_id=subscription_id,
            )
