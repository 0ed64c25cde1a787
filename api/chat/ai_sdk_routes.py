"""`/api/chat/ai-sdk`: for frontends on the Vercel AI SDK."""

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from api.chat import ai_sdk
from api.chat.event_stream import EventStream
from api.chat.routes import LeadToken, accept, keep_session, lead_headers, sent_tokens
from api.counting import COUNTED
from api.dependencies import PartsOf, for_leads
from api.schemas import errors

router = APIRouter(prefix="/api/chat/ai-sdk", tags=["chat"])


@router.post(
    "",
    summary="Send a message from the AI SDK",
    operation_id="stream_ai_sdk_chat",
    response_class=Response,
    responses={
        200: {"content": {"text/event-stream": {}}, "description": "A UI message stream, version 1"},
        **errors(400, 401, 404, 409, 410, 413, 429, 503),
    },
)
@for_leads
async def stream_ai_sdk_chat(
    body: ai_sdk.UIRequest, request: Request, parts: PartsOf, lead_token: LeadToken = None
) -> Response:
    """For `useChat` with `DefaultChatTransport({api, body: {campaign_code}})`; the newest message counts."""
    accepted = await accept(body.as_chat_request(), request, parts.chat, lead_token, chat_id=body.id)
    metadata = {"thread_id": accepted.thread_id, "lead_token": accepted.lead_token}
    frames = ai_sdk.parts(accepted.thread_id, parts.replies.answer(accepted), metadata)
    response = EventStream(frames, {**lead_headers(accepted), **ai_sdk.HEADERS})
    keep_session(response, request, accepted)
    return response


@router.get(
    "/{id}/stream",
    summary="Resume a stream of the AI SDK",
    operation_id="resume_ai_sdk_chat",
    dependencies=[COUNTED],
    response_class=Response,
    responses={
        200: {"content": {"text/event-stream": {}}, "description": "A UI message stream, version 1"},
        204: {"description": "Nothing runs"},
        **errors(400, 401, 429, 503),
    },
)
@for_leads
async def resume_ai_sdk_chat(
    id: Annotated[str, Path(max_length=100)],  # noqa: A002 - the AI SDK names it so
    request: Request,
    parts: PartsOf,
    lead_token: LeadToken = None,
) -> Response:
    """The running reply from its beginning."""
    for session in parts.chat.sessions(sent_tokens(request, lead_token)):
        if not await parts.chat.knows(session, id):
            continue
        events = await parts.replies.resume(session, None)
        if events is not None:
            frames = ai_sdk.parts(session.thread_id, events, {"thread_id": session.thread_id})
            return EventStream(frames, ai_sdk.HEADERS)
    return Response(status_code=204)
