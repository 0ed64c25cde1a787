"""Stripe, through its own package; imported when it is first needed, as that takes half a second."""

import asyncio
from collections.abc import Awaitable
from typing import TYPE_CHECKING, Any, TypeVar

import aiohttp

from core.errors import OutsideError, TerminalOutsideError, TransientOutsideError
from core.payments.provider import Order, Session

if TYPE_CHECKING:
    from stripe import AIOHTTPClient, StripeClient, StripeError
    from stripe.params.checkout import SessionCreateParams

T = TypeVar("T")
TIMEOUT_S = 8.0
RETRIES = 2
_LONGEST_NAME = 250


class StripeProvider:
    """Sessions and subscriptions of one Stripe account."""

    test = False

    def __init__(self, api_key: str, api_base: str) -> None:
        self._api_key = api_key
        self._api_base = api_base.rstrip("/")
        self._opened: tuple[StripeClient, AIOHTTPClient] | None = None
        self._opening = asyncio.Lock()

    @property
    def name(self) -> str:
        """Stripe, and where it is when that is not the usual place."""
        return "Stripe" if self._api_base == "https://api.stripe.com" else f"Stripe at {self._api_base}"

    async def open_session(self, order: Order) -> Session:
        """See `PaymentProvider`."""
        client = await self._client()
        session = await _asked(
            client.v1.checkout.sessions.create_async(
                _parameters(order), {"idempotency_key": order.idempotency_key}
            )
        )
        if not session.url:
            raise TerminalOutsideError("Stripe opened a session without a page.")
        return Session(session.id, session.url)

    async def cancel_at_period_end(self, subscription_id: str) -> None:
        """See `PaymentProvider`."""
        client = await self._client()
        await _asked(client.v1.subscriptions.update_async(subscription_id, {"cancel_at_period_end": True}))

    async def close(self) -> None:
        """Close its connections."""
        if self._opened is not None:
            await self._opened[1].close_async()  # type: ignore[no-untyped-call]
            self._opened = None

    async def _client(self) -> "StripeClient":
        async with self._opening:
            if self._opened is None:
                self._opened = await asyncio.to_thread(_open, self._api_key, self._api_base)
        return self._opened[0]


def _open(api_key: str, api_base: str) -> "tuple[StripeClient, AIOHTTPClient]":
    import stripe

    stripe.enable_telemetry = False
    # Its declared type takes a number alone; what it is given goes on to aiohttp.
    timeout: Any = aiohttp.ClientTimeout(total=TIMEOUT_S)
    http = stripe.AIOHTTPClient(timeout=timeout)
    client = stripe.StripeClient(
        api_key, base_addresses={"api": api_base}, max_network_retries=RETRIES, http_client=http
    )
    return client, http


def _parameters(order: Order) -> "SessionCreateParams":
    metadata = dict(order.metadata)
    price: Any = {
        "currency": order.currency.lower(),
        "unit_amount": order.amount,
        "product_data": {"name": order.name[:_LONGEST_NAME]},
    }
    parameters: SessionCreateParams = {
        "mode": "payment" if order.billing == "once" else "subscription",
        "line_items": [{"price_data": price, "quantity": 1}],
        "client_reference_id": order.checkout_id,
        "metadata": metadata,
        "success_url": f"{order.page}/thanks",
        "cancel_url": f"{order.page}/back",
        "expires_at": int(order.expires_at.timestamp()),
    }
    if order.billing == "once":
        parameters["payment_intent_data"] = {"metadata": metadata}
    else:
        price["recurring"] = {"interval": order.billing}
        parameters["subscription_data"] = {"metadata": metadata}
    return parameters


async def _asked(call: Awaitable[T]) -> T:
    import stripe

    try:
        return await call
    except stripe.StripeError as fault:
        raise _fault(fault) from fault
    except (TimeoutError, aiohttp.ClientError) as fault:
        raise TransientOutsideError("Stripe did not answer in time.") from fault


def _fault(fault: "StripeError") -> OutsideError:
    """Worth another try, or not; Stripe's own words stay in the log, as they may quote the key."""
    import stripe

    busy = fault.http_status is None or fault.http_status in (409, 429) or fault.http_status >= 500
    if isinstance(fault, stripe.APIConnectionError) or (busy and not _is_reuse(fault)):
        return TransientOutsideError("Stripe cannot be reached just now.")
    return TerminalOutsideError(
        f"Stripe refused: {type(fault).__name__}.",
        details={"code": fault.code, "request_id": fault.request_id},
    )


def _is_reuse(fault: "StripeError") -> bool:
    """An idempotency key that was used with other parameters."""
    import stripe

    return isinstance(fault, stripe.IdempotencyError) and fault.http_status != 409
