"""What people see in a browser: the lead's chat, the owner's console, and what the error codes mean."""

import hashlib
import hmac
import html
import re
from typing import Annotated

from fastapi import APIRouter, Request, Response
from fastapi import Path as PathParameter
from fastapi.responses import HTMLResponse
from starlette.staticfiles import StaticFiles

import web
from api.campaigns import repository as campaigns
from api.campaigns.standing import standing
from api.campaigns.visitors import VISITOR_COOKIE, is_person, known_visitor
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
_KEPT_PARAMETERS = re.compile(
    r"^(utm_[a-z]{1,20}|fbclid|gclid|gbraid|wbraid|ttclid|msclkid|twclid|li_fat_id|ref)$"
)


@router.get("/chat/{code}")
@public
async def chat_page(
    code: Annotated[CampaignCode, PathParameter()], request: Request, parts: PartsOf
) -> Response:
    """The page behind a campaign's link; a visit counts as a click."""
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
    if found == "open" or (found != "paused" and _may_go_on(request, parts, code)):
        page = web.render_chat_page(
            code=code,
            agent_name=version.playbook.agent.name,
            opening=version.playbook.opening,
            language=request.headers.get("accept-language", ""),
        )
        response: Response = HTMLResponse(page, 200, _HEADERS)
    else:
        response = _closed(request, found, 429 if found == "used_up" else 410)
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
    policy = f"{web.CONTENT_SECURITY_POLICY}; frame-ancestors 'none'"
    return HTMLResponse(web.render_owner_page(), headers={**_HEADERS, "content-security-policy": policy})


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
    """The browser's own id; at first sight made from where it comes from, so that a reload counts once."""
    if kept := known_visitor(request.cookies):
        return kept
    seen = f"{address_of(request)}\n{request.headers.get('user-agent', '')}"
    return hmac.new(parts.visitor_key, seen.encode(), hashlib.sha256).hexdigest()[:32]


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


def _closed(request: Request, reason: web.ClosedReason, status: int) -> Response:
    language = request.headers.get("accept-language", "")
    return HTMLResponse(web.render_closed_page(reason=reason, language=language), status, _HEADERS)
