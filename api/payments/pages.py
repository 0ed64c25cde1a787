"""`/pay/…`: where a checkout's link leads, and where one comes back to from there."""

import asyncio
from typing import Annotated

import structlog
from fastapi import APIRouter, Form, Path, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from psycopg.rows import DictRow

import web
from agent.playbook.prices import amount_text
from api.campaigns.visitors import is_person
from api.chat.routes import cookie_name
from api.dependencies import PartsOf, public
from api.parts import Parts
from core.database import Claims
from core.errors import Conflict, Gone, InvalidToken, LimitlessError, NotFound, OutsideError
from core.payments import local_desk, repository
from core.payments.checkouts import metadata, refuse_unless_payable
from core.payments.local_desk import LocalDesk
from web.pay import render_away_page, render_pay_page, render_return_page
from web.strings import choose_language

router = APIRouter(include_in_schema=False)
log = structlog.get_logger()

CheckoutId = Annotated[str, Path(pattern=r"^chk_[a-z0-9]{16,40}$")]
_HEADERS = {
    "content-security-policy": f"{web.CONTENT_SECURITY_POLICY}; frame-ancestors 'none'",
    "cache-control": "no-store",
}
_TRIES, _PAUSE_S = 4, 0.25
"""A link may be followed while the turn that gives it is still being written down."""


@router.get("/pay/{checkout_id}")
@public
async def pay(checkout_id: CheckoutId, request: Request, parts: PartsOf) -> Response:
    """On to Stripe, or to the page of our own that is a test."""
    try:
        row = await _find(parts, checkout_id)
        refuse_unless_payable(row)
        if is_person(request.headers):
            await _note_opening(parts, row)
        address = await parts.checkouts.open(checkout_id)
    except Conflict:
        return RedirectResponse(_home(parts, row), 303)
    except (NotFound, Gone) as fault:
        return _closed(request, fault)
    except OutsideError as fault:
        log.warning("checkout_not_opened", checkout_id=checkout_id, error=fault.message)
        return _closed(request, fault)
    if not parts.checkouts.provider.test:
        return RedirectResponse(address, 303, headers={"cache-control": "no-store"})
    return _test_page(request, row)


@router.post("/pay/{checkout_id}")
@public
async def pay_as_a_test(
    checkout_id: CheckoutId,
    request: Request,
    parts: PartsOf,
    step: Annotated[str, Form(max_length=10)] = "pay",
    email: Annotated[str, Form(max_length=254)] = "",
    name: Annotated[str, Form(max_length=100)] = "",
) -> Response:
    """What is sent from our own page: the event goes to the webhook as Stripe would send it."""
    desk = parts.checkouts.provider
    if not isinstance(desk, LocalDesk):
        raise NotFound("No such page.")
    try:
        row = await _find(parts, checkout_id)
        refuse_unless_payable(row)
    except (NotFound, Gone) as fault:
        return _closed(request, fault)
    except Conflict:
        return RedirectResponse(_home(parts, row), 303)
    if step == "leave":
        return await come_back(checkout_id, request, parts)
    await parts.checkouts.open(checkout_id)
    row = await parts.checkouts.find(checkout_id)
    session = local_desk.paid_session(row, metadata(row), email.strip(), name.strip())
    event = local_desk.event("checkout.session.completed", session)
    try:
        await desk.send(_own_address(request, parts), event)
    except OutsideError as fault:
        return _closed(request, fault)
    return await come_back_paid(checkout_id, request, parts)


@router.get("/pay/{checkout_id}/thanks")
@public
async def come_back_paid(checkout_id: CheckoutId, request: Request, parts: PartsOf) -> Response:
    """Back in the chat, having paid."""
    return await _come_back(checkout_id, request, parts, paid=True)


@router.get("/pay/{checkout_id}/back")
@public
async def come_back(checkout_id: CheckoutId, request: Request, parts: PartsOf) -> Response:
    """Back in the chat, without having paid."""
    return await _come_back(checkout_id, request, parts, paid=False)


async def _come_back(checkout_id: str, request: Request, parts: Parts, *, paid: bool) -> Response:
    try:
        row = await parts.checkouts.find(checkout_id)
    except NotFound as fault:
        return _closed(request, fault)
    async with parts.database.transaction(Claims.for_organization(row["organization_id"])) as connection:
        await (repository.note_return if paid else repository.note_leaving)(connection, checkout_id)
    if row["kind"] == "offer" and not _has_the_chat(request, parts, row):
        language = request.headers.get("accept-language", "")
        return HTMLResponse(render_return_page(paid=paid, language=language), 200, _HEADERS)
    return RedirectResponse(_home(parts, row), 303)


def _has_the_chat(request: Request, parts: Parts, row: DictRow) -> bool:
    """Whether the conversation is this browser's: one in a frame on a website has no cookie out here."""
    try:
        session = parts.sessions.verify(request.cookies[cookie_name(row["code"])])
    except (KeyError, InvalidToken):
        return False
    return bool(session.thread_id == row["conversation_id"])


async def _find(parts: Parts, checkout_id: str) -> DictRow:
    for _ in range(_TRIES - 1):
        try:
            return await parts.checkouts.find(checkout_id)
        except NotFound:
            await asyncio.sleep(_PAUSE_S)
    return await parts.checkouts.find(checkout_id)


async def _note_opening(parts: Parts, row: DictRow) -> None:
    async with parts.database.transaction(Claims.for_organization(row["organization_id"])) as connection:
        await repository.note_opening(connection, row["id"], row["conversation_id"])


def _home(parts: Parts, row: DictRow) -> str:
    base = parts.settings.base_url
    return f"{base}/chat/{row['code']}" if row["kind"] == "offer" else f"{base}/owner"


def _own_address(request: Request, parts: Parts) -> str:
    """Where this very process listens: the host that the request names may be anybody's."""
    server = request.scope.get("server")
    if server is None or server[1] is None:
        return parts.settings.base_url
    host, port = server
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _test_page(request: Request, row: DictRow) -> Response:
    accepted = request.headers.get("accept-language", "")
    page = render_pay_page(
        action=f"/pay/{row['id']}",
        offer=row["offer_name"],
        price=amount_text(row["amount"], row["currency"], choose_language(accepted)),
        billing=row["billing"],
        language=accepted,
    )
    return HTMLResponse(page, 200, _HEADERS)


def _closed(request: Request, fault: LimitlessError) -> Response:
    language = request.headers.get("accept-language", "")
    if isinstance(fault, OutsideError):
        page = render_away_page(language=language)
    else:
        reason: web.ClosedReason = "expired" if isinstance(fault, Gone) else "unknown"
        page = web.render_closed_page(reason=reason, language=language)
    return HTMLResponse(page, fault.status, _HEADERS)
