"""Where a checkout is paid: at Stripe, or on a page of our own that is plainly a test."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from core.security.keys import SecretKey
from core.settings import Settings

Billing = Literal["once", "month", "year"]


@dataclass(frozen=True, slots=True)
class Order:
    """One thing at one price, for one Stripe session."""

    checkout_id: str
    idempotency_key: str
    name: str
    amount: int
    """In minor units of ``currency``."""
    currency: str
    billing: Billing
    metadata: Mapping[str, str]
    page: str
    """Our own page of it; its lead comes back to ``/thanks`` below it, or to ``/back`` without paying."""
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Session:
    """Where the order can be paid."""

    id: str
    url: str


class PaymentProvider(Protocol):
    """Takes orders.

    Its calls raise `core.errors.TransientOutsideError` or `core.errors.TerminalOutsideError`.
    """

    @property
    def name(self) -> str:
        """What is in use, for start-up lines."""

    @property
    def test(self) -> bool:
        """Whether its page is our own, and no money moves."""

    async def open_session(self, order: Order) -> Session:
        """A session for the order; the same idempotency key gives the same one."""

    async def cancel_at_period_end(self, subscription_id: str) -> None:
        """Let a subscription end with the period that is paid for."""

    async def close(self) -> None:
        """Close its connections."""


def open_provider(settings: Settings, key: SecretKey) -> PaymentProvider:
    """Stripe where a key is set, otherwise the local desk."""
    if settings.stripe_secret_key is None:
        from core.payments.local_desk import LocalDesk

        return LocalDesk(webhook_secrets(settings, key)[0])
    from core.payments.stripe_provider import StripeProvider

    return StripeProvider(settings.stripe_secret_key.get_secret_value(), settings.stripe_api_base)


def webhook_secrets(settings: Settings, key: SecretKey) -> Sequence[str]:
    """What events may be signed with; empty when Stripe is used and its secret is not set."""
    given = (settings.stripe_webhook_secret, settings.stripe_webhook_secret_previous)
    secrets = [secret.get_secret_value() for secret in given if secret is not None]
    if not secrets and settings.stripe_secret_key is None:
        return [key.derive("test checkout").hex()]
    return secrets
