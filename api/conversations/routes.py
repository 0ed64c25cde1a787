"""`/api/conversations`."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request

from agent.state import Stage
from api.chat.routes import LeadToken, session_for
from api.chat.schemas import ThreadId
from api.conversations import service
from api.conversations.schemas import ConversationList, ConversationStanding, Transcript
from api.dependencies import PartsOf, PrincipalIfAny, for_leads, may
from api.schemas import Limit, Offset, errors
from core.database import Claims
from core.security.principal import Principal

router = APIRouter(prefix="/api/conversations", tags=["conversations"])
Reader = Annotated[Principal, Depends(may("read:conversations"))]


@router.get(
    "", summary="List conversations", operation_id="list_conversations", responses=errors(400, 401, 403, 503)
)
async def list_conversations(
    principal: Reader,
    parts: PartsOf,
    campaign_id: Annotated[str | None, Query(max_length=100)] = None,
    stage: Annotated[Stage | None, Query()] = None,
    qualified: Annotated[bool | None, Query()] = None,
    limit: Annotated[Limit, Query()] = 50,
    offset: Annotated[Offset, Query()] = 0,
) -> ConversationList:
    """The newest message first."""
    return await service.page(
        parts.database,
        principal,
        campaign_id=campaign_id,
        stage=stage,
        qualified=qualified,
        limit=limit,
        offset=offset,
    )


@router.get(
    "/{id}/transcript",
    summary="Read a transcript",
    operation_id="get_transcript",
    responses=errors(400, 401, 403, 404, 503),
)
async def get_transcript(
    id: Annotated[ThreadId, Path()],  # noqa: A002 - the reference names the parameter so
    principal: Reader,
    parts: PartsOf,
) -> Transcript:
    """Everything that was said, in order."""
    return await service.transcript(parts.database, principal, id)


@router.get(
    "/{thread_id}/state",
    summary="Where a conversation stands",
    operation_id="get_conversation_state",
    responses=errors(400, 401, 403, 404, 503),
)
@for_leads
async def get_conversation_state(
    thread_id: Annotated[ThreadId, Path()],
    request: Request,
    parts: PartsOf,
    principal: PrincipalIfAny,
    lead_token: LeadToken = None,
) -> ConversationStanding:
    """For the lead with the conversation's session, or for its owner."""
    if principal is not None:
        principal.require("read:conversations")
        claims = principal.claims
    else:
        session = session_for(request, parts.chat, thread_id, lead_token)
        claims = Claims.for_lead(session.organization_id, session.thread_id)
    return await service.standing(parts.database, claims, thread_id)
