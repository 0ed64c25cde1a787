"""`/api/chat/privacy`: the same for leads, with the session of their conversation."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.campaigns.visitors import VISITOR_COOKIE
from api.chat.routes import LeadToken, session_for, visitor_of
from api.chat.schemas import ThreadId
from api.counting import counted_by_address
from api.dependencies import PartsOf, for_leads
from api.gdpr.schemas import Consent, LeadConsent, LeadThread, PrivacyRequest
from api.schemas import errors

router = APIRouter(prefix="/api/chat/privacy", tags=["chat"])
COUNTED_EXPORT = counted_by_address("data_export")


@router.post(
    "/export",
    summary="Export a lead's own data",
    operation_id="export_lead_data",
    status_code=202,
    responses=errors(400, 401, 404, 413, 429, 503),
    dependencies=[COUNTED_EXPORT],
)
@for_leads
async def export_lead_data(
    body: LeadThread, request: Request, parts: PartsOf, lead_token: LeadToken = None
) -> PrivacyRequest:
    """One archive of everything held on the conversation; ask for `GET` until it is done."""
    session = session_for(request, parts.chat, body.thread_id, body.lead_token or lead_token)
    return await parts.identities.privacy.ask_as_lead(session, "export")


@router.post(
    "/delete",
    summary="Delete a lead's own data",
    operation_id="delete_lead_data",
    status_code=202,
    responses=errors(400, 401, 404, 413, 429, 503),
    dependencies=[COUNTED_EXPORT],
)
@for_leads
async def delete_lead_data(
    body: LeadThread, request: Request, response: Response, parts: PartsOf, lead_token: LeadToken = None
) -> PrivacyRequest:
    """The conversation and all that follows from it, for good; payments stay without the person."""
    session = session_for(request, parts.chat, body.thread_id, body.lead_token or lead_token)
    response.delete_cookie(VISITOR_COOKIE, httponly=True)
    return await parts.identities.privacy.ask_as_lead(session, "delete", await visitor_of(request))


@router.get(
    "",
    summary="What a lead asked for",
    operation_id="list_lead_privacy_requests",
    responses=errors(400, 401, 404, 429, 503),
)
@for_leads
async def list_lead_privacy_requests(
    request: Request,
    parts: PartsOf,
    thread_id: Annotated[ThreadId, Query()],
    lead_token: LeadToken = None,
) -> list[PrivacyRequest]:
    """The newest first, with links and receipts; also once the conversation is gone."""
    session = session_for(request, parts.chat, thread_id, lead_token)
    return await parts.identities.privacy.requests_of_lead(session)


@router.get(
    "/consent",
    summary="Read a lead's consent",
    operation_id="get_lead_consent",
    responses=errors(400, 401, 404, 429, 503),
)
@for_leads
async def get_lead_consent(
    request: Request,
    parts: PartsOf,
    thread_id: Annotated[ThreadId, Query()],
    lead_token: LeadToken = None,
) -> Consent:
    """What the lead agrees to, and did before."""
    session = session_for(request, parts.chat, thread_id, lead_token)
    return await parts.identities.privacy.consent_of_lead(session, None)


@router.post(
    "/consent",
    summary="Update a lead's consent",
    operation_id="update_lead_consent",
    responses=errors(400, 401, 404, 413, 429, 503),
)
@for_leads
async def update_lead_consent(
    body: LeadConsent, request: Request, parts: PartsOf, lead_token: LeadToken = None
) -> Consent:
    """For marketing and analytics; what was before stays in the history."""
    session = session_for(request, parts.chat, body.thread_id, body.lead_token or lead_token)
    return await parts.identities.privacy.consent_of_lead(session, body)
