"""A stand-in for Stripe: sessions and subscriptions over its real HTTP, and events as it signs them."""

import asyncio
import re
import time
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import orjson
from aiohttp import web

from core.payments.signatures import sign

API_KEY = "sk_test_standin"
SECRET = "whsec_standin"
_NAME = re.compile(r"[^\[\]]+")


@dataclass(slots=True)
class Fault:
    """What happens to the next request instead of an answer."""

    status: int = 500
    hang_s: float = 0.0
    drop: bool = False
    after_work: bool = False
    """The work is done all the same, and the answer is lost."""


@dataclass(slots=True)
class Stripe:
    """One account."""

    url: str = ""
    sessions: dict[str, dict[str, Any]] = field(default_factory=dict)
    subscriptions: dict[str, dict[str, Any]] = field(default_factory=dict)
    requests: list[tuple[str, str, dict[str, Any], str | None]] = field(default_factory=list)
    """Method, path, parameters and idempotency key of each."""
    faults: deque[Fault] = field(default_factory=deque)
    latency_s: float = 0
    """Between the work and its answer."""
    _kept: dict[str, tuple[dict[str, Any], dict[str, Any]]] = field(default_factory=dict)
    _numbers: int = 0

    def next_id(self, prefix: str) -> str:
        """A fresh id of this account."""
        self._numbers += 1
        return f"{prefix}_{abs(hash(self.url)) % 10**8:08d}{self._numbers:06d}"

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Any request."""
        parameters = _nested(await request.text())
        key = request.headers.get("Idempotency-Key")
        self.requests.append((request.method, request.path, parameters, key))
        fault = self.faults.popleft() if self.faults else None
        if fault and not fault.after_work:
            return await _broken(request, fault)
        if request.headers.get("Authorization") != f"Bearer {API_KEY}":
            return _refusal(401, "invalid_request_error", "Invalid API Key provided")
        response = self._once(request, parameters, key)
        await asyncio.sleep(self.latency_s)
        return await _broken(request, fault) if fault else response

    def _once(self, request: web.Request, parameters: dict[str, Any], key: str | None) -> web.Response:
        known = self._kept.get(key or "")
        if known is not None:
            if known[0] != parameters:
                return _refusal(
                    400, "idempotency_error", "Keys for idempotent requests can only be used once"
                )
            return web.json_response(known[1], headers={"Idempotent-Replayed": "true"})
        if request.path == "/v1/checkout/sessions" and request.method == "POST":
            if refused := _unacceptable(parameters):
                return _refusal(400, "invalid_request_error", refused)
            made = self._session(parameters)
        elif found := re.fullmatch(r"/v1/subscriptions/(\w+)", request.path):
            if found[1] not in self.subscriptions:
                return _refusal(404, "invalid_request_error", "No such subscription")
            made = self.subscriptions[found[1]]
            made["cancel_at_period_end"] = parameters.get("cancel_at_period_end") == "true"
        else:
            return _refusal(404, "invalid_request_error", f"Unrecognized request URL ({request.path})")
        if key:
            self._kept[key] = (parameters, made)
        return web.json_response(made, headers={"Request-Id": self.next_id("req")})

    def _session(self, parameters: dict[str, Any]) -> dict[str, Any]:
        item = parameters["line_items"]["0"]
        price = item["price_data"]
        session_id = self.next_id("cs_test")
        once = parameters["mode"] == "payment"
        session = {
            "id": session_id,
            "object": "checkout.session",
            "mode": parameters["mode"],
            "status": "open",
            "payment_status": "unpaid",
            "amount_total": int(price["unit_amount"]) * int(item["quantity"]),
            "currency": price["currency"],
            "client_reference_id": parameters.get("client_reference_id"),
            "customer": None,
            "customer_details": None,
            "payment_intent": None,
            "subscription": None,
            "invoice": None,
            "metadata": parameters.get("metadata", {}),
            "expires_at": int(parameters["expires_at"]),
            "success_url": parameters["success_url"],
            "cancel_url": parameters["cancel_url"],
            "url": f"{self.url}/c/pay/{session_id}",
            "livemode": False,
        }
        if not once:
            session["subscription_metadata"] = parameters["subscription_data"]["metadata"]
        self.sessions[session_id] = session
        return session

    # ---- events

    def event(self, kind: str, content: dict[str, Any], **changes: Any) -> dict[str, Any]:
        """An event about an object, as it is now."""
        return {
            "id": self.next_id("evt"),
            "object": "event",
            "api_version": "2026-10-28.endive",
            "created": int(time.time()),
            "livemode": False,
            "pending_webhooks": 1,
            "type": kind,
            "data": {"object": orjson.loads(orjson.dumps(content))},
        } | changes

    def paid(self, session_id: str, email: str | None = "mike@example.com", **changes: Any) -> dict[str, Any]:
        """The lead paid: the session is complete."""
        session = self.sessions[session_id]
        once = session["mode"] == "payment"
        session.update(
            status="complete",
            payment_status="paid",
            customer=session["customer"] or self.next_id("cus"),
            customer_details={"email": email, "name": "Mike Miller"},
            payment_intent=(session["payment_intent"] or self.next_id("pi")) if once else None,
            subscription=None if once else session["subscription"] or self.next_id("sub"),
            invoice=None if once else session["invoice"] or self.next_id("in"),
        )
        if not once:
            self.subscriptions.setdefault(session["subscription"], self._subscription(session))
        return self.event("checkout.session.completed", session | changes)

    def _subscription(self, session: dict[str, Any]) -> dict[str, Any]:
        now = int(time.time())
        return {
            "id": session["subscription"],
            "object": "subscription",
            "status": "active",
            "customer": session["customer"],
            "created": now,
            "cancel_at": None,
            "cancel_at_period_end": False,
            "items": {"object": "list", "data": [{"current_period_end": now + 30 * 86_400}]},
            "metadata": session["subscription_metadata"],
        }

    def subscribed(self, session_id: str, what: str, **changes: Any) -> dict[str, Any]:
        """A subscription was ``created``, ``updated`` or ``deleted``."""
        told = self.subscriptions[self.sessions[session_id]["subscription"]] | changes
        return self.event(f"customer.subscription.{what}", told)

    def expired(self, session_id: str) -> dict[str, Any]:
        """Nobody paid in time."""
        session = self.sessions[session_id]
        return self.event("checkout.session.expired", session | {"status": "expired"})

    def refund(self, session_id: str, amount: int, status: str = "succeeded") -> dict[str, Any]:
        """Money goes back."""
        session = self.sessions[session_id]
        content = {
            "id": self.next_id("re"),
            "object": "refund",
            "amount": amount,
            "currency": session["currency"],
            "status": status,
            "payment_intent": session["payment_intent"],
            "charge": f"ch_{session['payment_intent']}",
            "created": int(time.time()),
        }
        return self.event("refund.created", content)

    def charge_refunded(self, session_id: str, amount: int) -> dict[str, Any]:
        """The charge tells how much of it went back by now."""
        session = self.sessions[session_id]
        content = {
            "id": f"ch_{session['payment_intent']}",
            "object": "charge",
            "amount": session["amount_total"],
            "amount_refunded": amount,
            "currency": session["currency"],
            "payment_intent": session["payment_intent"],
            "created": int(time.time()),
        }
        return self.event("charge.refunded", content)

    def dispute(self, session_id: str, status: str, kind: str = "created") -> dict[str, Any]:
        """The bank asks for the money back."""
        session = self.sessions[session_id]
        content = {
            "id": f"dp_{session['payment_intent']}",
            "object": "dispute",
            "amount": session["amount_total"],
            "currency": session["currency"],
            "status": status,
            "payment_intent": session["payment_intent"],
            "charge": f"ch_{session['payment_intent']}",
            "created": int(time.time()),
        }
        return self.event(f"charge.dispute.{kind}", content)


def signed(event: Any, secret: str = SECRET, at: float | None = None) -> tuple[bytes, dict[str, str]]:
    """A body and its headers, as Stripe posts them."""
    body = event if isinstance(event, bytes) else orjson.dumps(event)
    signature = sign(body, secret, int(time.time() if at is None else at))
    return body, {"Stripe-Signature": signature, "Content-Type": "application/json; charset=utf-8"}


@asynccontextmanager
async def stripe_account() -> AsyncIterator[Stripe]:
    """Serve an account on a free port of this machine."""
    account = Stripe()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", account.answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    account.url = f"http://{host}:{port}"
    try:
        yield account
    finally:
        await runner.cleanup()


def _nested(form: str) -> dict[str, Any]:
    """``a[b][0]=c`` as dictionaries."""
    found: dict[str, Any] = {}
    for name, value in parse_qsl(form, keep_blank_values=True):
        *path, last = _NAME.findall(name)
        inner = found
        for step in path:
            inner = inner.setdefault(step, {})
        inner[last] = value
    return found


def _unacceptable(parameters: dict[str, Any]) -> str | None:
    ahead = int(parameters.get("expires_at", 0)) - time.time()
    if not 30 * 60 <= ahead <= 24 * 3600:
        return "The `expires_at` timestamp must be between 30 minutes and 24 hours from now"
    if len(parameters.get("metadata", {})) > 50 or any(
        len(name) > 40 or len(value) > 500 for name, value in parameters.get("metadata", {}).items()
    ):
        return "Metadata can have up to 50 keys of 40 characters with values of 500"
    return None


def _refusal(status: int, kind: str, message: str) -> web.Response:
    return web.json_response({"error": {"type": kind, "message": message}}, status=status)


async def _broken(request: web.Request, fault: Fault) -> web.StreamResponse:
    if fault.hang_s:
        await asyncio.sleep(fault.hang_s)
    if fault.drop and request.transport is not None:
        request.transport.close()
    return _refusal(fault.status, "api_error", "Something went wrong on Stripe's end.")
