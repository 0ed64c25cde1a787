"""What people see in a browser: the lead's chat, the owner's console, and what the error codes mean."""

import html
import re
from collections.abc import Mapping, Sequence
from typing import Annotated

from fastapi import APIRouter, Request, Response
from fastapi import Path as PathParameter
from fastapi.responses import FileResponse, HTMLResponse
from starlette.staticfiles import StaticFiles

import web
from api.campaigns import repository as campaigns
from api.campaigns.standing import standing
from api.campaigns.visitors import VISITOR_COOKIE, first_sight, is_person, known_visitor
from api.chat.routes import cookie_name
from api.chat.schemas import CampaignCode
from api.counting import address_of
from api.dependencies import PartsOf, public
from api.parts import Parts
from core.database import Claims
from core.errors import CampaignNotFound, InvalidToken, LimitlessError

router = APIRouter(include_in_schema=False)

_YEAR_S = 365 * 24 * 3600
_HEADERS = {
    "content-security-policy": f"{web.CONTENT_SECURITY_POLICY}; frame-ancestors 'self'",
    "cache-control": "no-store",
}
_HOUR = "public, max-age=3600"
_UNFRAMED = {**_HEADERS, "content-security-policy": f"{web.CONTENT_SECURITY_POLICY}; frame-ancestors 'none'"}
_KEPT_PARAMETERS = re.compile(
    r"^(utm_[a-z]{1,20}|fbclid|gclid|gbraid|wbraid|ttclid|msclkid|twclid|li_fat_id|ref)$"
)


@router.get("/chat/{code}")
@public
async def chat_page(
    code: Annotated[CampaignCode, PathParameter()], request: Request, parts: PartsOf
) -> Response:
    """The page behind a campaign's link; a visit counts as a click."""
    return await _conversation(code, request, parts, framed=False)


@router.get("/embed/{code}")
@public
async def embedded_page(
    code: Annotated[CampaignCode, PathParameter()], request: Request, parts: PartsOf
) -> Response:
    """The same page in a frame of one of the websites that the campaign allows; the widget asks for it."""
    return await _conversation(code, request, parts, framed=True)


@router.get("/widget.js")
@public
async def widget_script() -> Response:
    """What websites load to show a chat."""
    headers = {"cache-control": _HOUR, "cross-origin-resource-policy": "cross-origin"}
    return FileResponse(web.STATIC_DIRECTORY / "widget.js", headers=headers)


async def _conversation(code: str, request: Request, parts: Parts, *, framed: bool) -> Response:
    try:
        campaign = await parts.chat.campaign(code)
    except CampaignNotFound:
        return _closed(request, "unknown", 404)
    claims = Claims.for_organization(campaign.organization_id)
    visitor = _visitor(request, parts)
    async with parts.database.transaction(claims) as connection:
        row = await campaigns.by_code(connection, code)
        if is_person(request.headers):
            await campaigns.count_visit(connection, campaign.id, bytes.fromhex(visitor), _parameters(request))
        version = await parts.playbooks.current(connection, campaign.id)
    if row is None:
        return _closed(request, "unknown", 404)
    found = standing(row)
    headers = _framed_by(row["allowed_origins"]) if framed else _HEADERS
    # A frame on another site has no cookie to know its lead by; the conversation itself says what is over.
    goes_on = found != "paused" and (framed or _may_go_on(request, parts, code))
    if found == "open" or goes_on:
        page = web.render_chat_page(
            code=code,
            agent_name=version.playbook.agent.name,
            opening=version.playbook.opening,
            language=request.headers.get("accept-language", ""),
        )
        response: Response = HTMLResponse(page, 200, headers)
    else:
        response = _closed(request, found, 429 if found == "used_up" else 410, headers)
    response.set_cookie(
        VISITOR_COOKIE,
        visitor,
        max_age=_YEAR_S,
        httponly=True,
        secure=request.url.scheme == "https",
        samesite="lax",
    )
    return response


@router.get("/owner")
@public
async def owner_page() -> Response:
    """The owner's console; the page itself holds nothing, and is nobody's to frame."""
    return HTMLResponse(web.render_owner_page(), headers=_UNFRAMED)


@router.get("/account")
@public
async def account_page() -> Response:
    """Where links in mails lead: to confirm an account, set a password, accept an invitation."""
    return HTMLResponse(web.render_account_page(), headers=_UNFRAMED)


@router.get("/errors")
@public
async def errors_page() -> Response:
    """What every error code means."""
    found = sorted({(c.code, c.__doc__ or "") for c in _family(LimitlessError) if c is not LimitlessError})
    rows = "".join(
        f'<dt id="{html.escape(code)}"><code>{html.escape(code)}</code></dt><dd>{html.escape(meaning)}</dd>'
        for code, meaning in found
    )
    page = (
        "<!doctype html><html lang=en><meta charset=utf-8><title>Errors</title>"
        f"<h1>Errors</h1><dl>{rows}</dl>"
    )
    return HTMLResponse(page, headers=_HEADERS)


def static_files() -> StaticFiles:
    """The pages' scripts and styles."""
    return StaticFiles(directory=web.STATIC_DIRECTORY)


def _family(kind: type[LimitlessError]) -> list[type[LimitlessError]]:
    return [kind, *(below for child in kind.__subclasses__() for below in _family(child))]


def _visitor(request: Request, parts: Parts) -> str:
    """The browser's own id, or what it is known by until it keeps one."""
    if kept := known_visitor(request.cookies):
        return kept
    return first_sight(parts.visitor_key, address_of(request), request.headers.get("user-agent", ""))


def _parameters(request: Request) -> dict[str, str]:
    """Where the visit came from: the campaign and click ids that came with the link."""
    pairs = request.query_params.items()
    return {k: v[:300] for k, v in pairs if _KEPT_PARAMETERS.match(k)}


def _may_go_on(request: Request, parts: Parts, code: str) -> bool:
    """Whether this browser has a conversation here that began while the campaign was open."""
    try:
        return parts.sessions.verify(request.cookies[cookie_name(code)]) is not None
    except (KeyError, InvalidToken):
        return False


def _framed_by(origins: Sequence[str]) -> dict[str, str]:
    ancestors = " ".join(("'self'", *origins))
    policy = f"{web.CONTENT_SECURITY_POLICY}; frame-ancestors {ancestors}"
    return {**_HEADERS, "content-security-policy": policy}


def _closed(
    request: Request, reason: web.ClosedReason, status: int, headers: Mapping[str, str] = _HEADERS
) -> Response:
    language = request.headers.get("accept-language", "")
    return HTMLResponse(web.render_closed_page(reason=reason, language=language), status, headers)
