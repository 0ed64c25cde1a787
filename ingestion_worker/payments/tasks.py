"""The jobs that payments bring."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from procrastinate import JobContext

from core.database import Database
from core.errors import Conflict, Gone, NotFound
from core.jobs import jobs, patience
from core.mail import open_mailer
from core.payments.cancelling import cancel
from core.payments.checkouts import CheckoutLinks, Checkouts
from core.payments.provider import open_provider
from core.security.keys import load_secret_key
from core.settings import Settings
from ingestion_worker.payments import mails, subscriptions
from ingestion_worker.payments.handling import handle

PATIENCE = patience(attempts=12, wait_s=3)


@jobs.task(name="payments.handle_event", retry=PATIENCE, pass_context=True)
async def handle_event(context: JobContext, event_id: str) -> None:
    """Do what an event of Stripe's asks for."""
    await handle(_database(context), event_id)


@jobs.task(name="payments.open_checkout", retry=PATIENCE, pass_context=True)
async def open_checkout(context: JobContext, checkout_id: str) -> None:
    """Have the session ready by the time its link is followed."""
    async with _checkouts(context) as checkouts:
        try:
            await checkouts.open(checkout_id)
        except (NotFound, Gone, Conflict):
            return


@jobs.task(name="payments.end_subscription", retry=PATIENCE, pass_context=True)
async def end_subscription(context: JobContext, organization_id: str, subscription_id: str) -> None:
    """Let a plan that another one has taken the place of end with its period."""
    async with _checkouts(context) as checkouts:
        await cancel(_database(context), checkouts.provider, organization_id, subscription_id)


@jobs.task(name="payments.lapse", retry=PATIENCE, pass_context=True)
async def lapse(context: JobContext, organization_id: str, subscription_id: str) -> None:
    """A plan that was bought as a test has come to its end."""
    await subscriptions.lapse(_database(context), organization_id, subscription_id)


@jobs.task(name="payments.send_onboarding", retry=PATIENCE, pass_context=True)
async def send_onboarding(context: JobContext, organization_id: str, payment_id: str) -> None:
    """Write to who has paid."""
    mailer = open_mailer(_settings(context))
    await mails.send_onboarding(_database(context), mailer, organization_id, payment_id)


@asynccontextmanager
async def _checkouts(context: JobContext) -> AsyncIterator[Checkouts]:
    settings = _settings(context)
    key = load_secret_key(settings)
    provider = open_provider(settings, key)
    try:
        yield Checkouts(_database(context), provider, CheckoutLinks.of(key, settings.base_url))
    finally:
        await provider.close()


def _database(context: JobContext) -> Database:
    database: Database = context.additional_context["database"]
    return database


def _settings(context: JobContext) -> Settings:
    settings: Settings = context.additional_context["settings"]
    return settings
