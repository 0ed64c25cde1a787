"""`/api/chat`: what a lead's page and every other client of the conversation speak."""

from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request, Response

from api.campaigns.visitors import first_sight, known_visitor
from api.chat.acceptance import Accepted, Sender
from api.chat.event_stream import EventStream, encode
from api.chat.replies import Replies
from api.chat.schemas import CampaignCode, ChatAnswer, ChatRequest, History, ThreadId
from api.chat.service import Chat
from api.chat.streams import Event, EventId
from api.counting import COUNTED, address_of, neighbourhood
from api.dependencies import PartsOf, for_leads, parts_of
from api.schemas import errors
from core.errors import InvalidToken, Unauthenticated, Unavailable
from core.security.tokens import LEAD_SESSION_LIFETIME, LeadSession

router = APIRouter(prefix="/api/chat", tags=["chat"])
LeadToken = Annotated[
    str | None, Header(alias="X-Lead-Token", description="For clients without cookies", max_length=2000)
]


def cookie_name(code: str) -> str:
    """One cookie for each campaign that a browser talks to."""
    return f"lead_{code}"


def token_of(request: Request, code: str, sent: str | None) -> str | None:
    """The lead's token: what was sent on purpose, otherwise the cookie."""
    return sent or request.cookies.get(cookie_name(code))


@router.post(
    "/stream",
    summary="Send a message and stream the reply",
    operation_id="stream_chat",
    response_class=Response,
    responses={
        200: {"content": {"text/event-stream": {}}, "description": "Server-sent events"},
        **errors(400, 401, 404, 409, 410, 413, 429, 503),
    },
)
@for_leads
async def stream_chat(
    body: ChatRequest, request: Request, parts: PartsOf, lead_token: LeadToken = None
) -> Response:
    """`message` events with the tokens, `state` when something was learned, `done` or `error` at the end.

    The message is written down before the stream begins, so a client that goes away loses nothing: the
    same `message_id` again, or `GET` with `Last-Event-ID`, gives what was missed.
    """
    accepted = await accept(body, request, parts.chat, lead_token)
    response = EventStream(_frames(parts.replies, accepted), lead_headers(accepted))
    keep_session(response, request, accepted)
    return response


@router.get(
    "/stream",
    summary="Read on where a stream broke off",
    operation_id="resume_chat",
    dependencies=[COUNTED],
    response_class=Response,
    responses={
        200: {"content": {"text/event-stream": {}}, "description": "Server-sent events"},
        204: {"description": "Nothing runs and nothing was missed"},
        **errors(400, 401, 404, 429, 503),
    },
)
@for_leads
async def resume_chat(
    request: Request,
    parts: PartsOf,
    thread_id: Annotated[ThreadId, Query()],
    lead_token: LeadToken = None,
    last_event_id: Annotated[str | None, Header(alias="Last-Event-ID", max_length=64)] = None,
    after: Annotated[str | None, Query(max_length=64, description="For clients without headers")] = None,
) -> Response:
    """Replays what lies behind `Last-Event-ID`, then follows the running turn."""
    session = session_for(request, parts.chat, thread_id, lead_token)
    events = await parts.replies.resume(session, EventId.parse(last_event_id or after))
    if events is None:
        return Response(status_code=204)
    return EventStream(_encoded(events), {})


@router.get(
    "/history",
    summary="The lead's own conversation",
    operation_id="get_chat_history",
    dependencies=[COUNTED],
    responses={204: {"description": "This browser has no conversation here"}, **errors(400, 404, 429, 503)},
    response_model=History,
)
@for_leads
async def get_chat_history(
    request: Request,
    parts: PartsOf,
    campaign_code: Annotated[CampaignCode, Query()],
    lead_token: LeadToken = None,
    watching: Annotated[bool, Query(description="The page was open all along: nobody comes back")] = False,
) -> Any:
    """Everything that was said, and where to read on when a reply is on its way."""
    campaign = await parts.chat.campaign(campaign_code)
    try:
        session = parts.chat.session(token_of(request, campaign_code, lead_token), campaign)
    except InvalidToken:
        session = None
    history = None if session is None else await parts.replies.history(session, watching=watching)
    return Response(status_code=204) if history is None else history


@router.post(
    "",
    summary="Send a message and wait for the reply",
    operation_id="chat",
    responses=errors(400, 401, 404, 409, 410, 413, 429, 503),
)
@for_leads
async def chat(
    body: ChatRequest, request: Request, response: Response, parts: PartsOf, lead_token: LeadToken = None
) -> ChatAnswer:
    """The reply in one piece."""
    accepted = await accept(body, request, parts.chat, lead_token)
    told = [event async for _, batch in parts.replies.answer(accepted) for event in batch]
    keep_session(response, request, accepted)
    response.headers.update(lead_headers(accepted))
    return _answer(accepted, told)


async def accept(
    body: ChatRequest, request: Request, chat: Chat, lead_token: str | None, chat_id: str | None = None
) -> Accepted:
    """Write the message down; a cookie that is no good is taken away with the refusal."""
    token = token_of(request, body.campaign_code, body.lead_token or lead_token)
    sender = Sender(neighbourhood(address_of(request)), await visitor_of(request), chat_id)
    try:
        return await chat.accept(body, token, sender)
    except InvalidToken as fault:
        # The page cannot clear a cookie that scripts do not see.
        if body.lead_token is None and lead_token is None:
            fault.headers["Set-Cookie"] = f"{cookie_name(body.campaign_code)}=; Max-Age=0; Path=/; HttpOnly"
        raise


async def visitor_of(request: Request) -> str | None:
    """Who visited our page; a frame on another site has no cookies: known there as at first sight."""
    known = known_visitor(request.cookies)
    if known is None and request.headers.get("sec-fetch-site") == "same-origin":
        key = (await parts_of(request)).visitor_key
        return first_sight(key, address_of(request), request.headers.get("user-agent", ""))
    return known


def session_for(request: Request, chat: Chat, thread_id: str, lead_token: str | None) -> LeadSession:
    """The session that may read this thread; the cookie's name is not known without the campaign."""
    return chat.session_of_thread(tokens_of(request, lead_token), thread_id)


def tokens_of(request: Request, lead_token: str | None) -> list[str]:
    """Every lead token that came; raises `core.errors.Unauthenticated` when none did."""
    sent = sent_tokens(request, lead_token)
    if not sent:
        raise Unauthenticated("A lead token is needed.")
    return sent


def sent_tokens(request: Request, lead_token: str | None) -> list[str]:
    """Every lead token that came: the one sent on purpose, otherwise the cookies."""
    return [lead_token] if lead_token else [v for k, v in request.cookies.items() if k.startswith("lead_")]


def lead_headers(accepted: Accepted) -> dict[str, str]:
    """Which conversation it is."""
    token = {"X-Lead-Token": accepted.lead_token} if accepted.lead_token else {}
    return {"X-Thread-Id": accepted.thread_id, **token}


def keep_session(response: Response, request: Request, accepted: Accepted) -> None:
    """Give a lead whose conversation began its cookie."""
    if accepted.lead_token is None:
        return
    response.set_cookie(
        cookie_name(accepted.campaign.code),
        accepted.lead_token,
        max_age=int(LEAD_SESSION_LIFETIME.total_seconds()),
        httponly=True,
        secure=request.scope["scheme"] == "https",
        samesite="lax",
    )


async def _frames(replies: Replies, accepted: Accepted) -> AsyncIterator[bytes]:
    async for prefix, events in replies.answer(accepted):
        yield b"".join(encode(prefix, _with_token(event, accepted)) for event in events)


async def _encoded(events: AsyncIterator[tuple[bytes, list[Event]]]) -> AsyncIterator[bytes]:
    async for prefix, batch in events:
        yield b"".join(encode(prefix, event) for event in batch)


def _with_token(event: Event, accepted: Accepted) -> Event:
    if event.kind != "done" or accepted.lead_token is None:
        return event
    return event._replace(data={**event.data, "lead_token": accepted.lead_token})


def _answer(accepted: Accepted, told: list[Event]) -> ChatAnswer:
    last = told[-1] if told else None
    if last is None or last.kind == "error":
        error = {} if last is None else last.data["error"]
        raise Unavailable(error.get("message", "The agent could not answer."), headers={"Retry-After": "1"})
    metadata = last.data["metadata"]
    return ChatAnswer(
        thread_id=accepted.thread_id,
        message="".join(event.data for event in told if event.kind == "token"),
        current_stage=metadata["current_stage"],
        metadata=metadata,
        lead_token=accepted.lead_token,
    )
