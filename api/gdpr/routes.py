"""`/api/v1/gdpr`, for people with an account."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from api.counting import counted_by_principal
from api.dependencies import Owner, PartsOf, public
from api.gdpr.schemas import Consent, ConsentChange, PrivacyRequest, Subject
from api.schemas import errors

router = APIRouter(prefix="/api/v1/gdpr", tags=["gdpr"])
COUNTED_EXPORT = counted_by_principal("data_export", "user_id")
ONESELF = Subject()


@router.post(
    "/export",
    summary="Export user data",
    operation_id="export_data",
    status_code=202,
    responses=errors(401, 403, 404, 413, 422, 429, 503),
    dependencies=[COUNTED_EXPORT],
)
async def export_data(principal: Owner, parts: PartsOf, body: Subject = ONESELF) -> PrivacyRequest:
    """One archive of everything held on oneself, as JSON and CSV; an admin names others, and leads."""
    return await parts.identities.privacy.ask(principal, "export", body)


@router.post(
    "/delete",
    summary="Delete user data",
    operation_id="delete_data",
    status_code=202,
    responses=errors(401, 403, 404, 409, 413, 422, 429, 503),
    dependencies=[COUNTED_EXPORT],
)
async def delete_data(principal: Owner, parts: PartsOf, body: Subject = ONESELF) -> PrivacyRequest:
    """For good. What the law wants kept stays without the person; the receipt says what went."""
    return await parts.identities.privacy.ask(principal, "delete", body)


@router.get(
    "/requests/{request_id}",
    summary="How far a request is",
    operation_id="get_privacy_request",
    responses=errors(401, 403, 404, 422, 429, 503),
)
async def get_privacy_request(
    request_id: Annotated[str, Path(max_length=64)], principal: Owner, parts: PartsOf
) -> PrivacyRequest:
    """With the link to its archive, or its receipt."""
    return await parts.identities.privacy.read(principal, request_id)


@router.get(
    "/archives/{link}",
    summary="Download an archive",
    operation_id="download_archive",
    response_class=Response,
    responses={200: {"content": {"application/zip": {}}}, **errors(401, 422, 429, 503)},
)
@public
async def download_archive(link: Annotated[str, Path(max_length=2000)], parts: PartsOf) -> Response:
    """By the address that a request gave, for an hour."""
    content = await parts.identities.privacy.archive(link)
    headers = {"Content-Disposition": 'attachment; filename="data.zip"', "Cache-Control": "no-store"}
    return Response(content, media_type="application/zip", headers=headers)


@router.get(
    "/consent",
    summary="Read consent",
    operation_id="get_consent",
    responses=errors(401, 403, 429, 503),
)
async def get_consent(principal: Owner, parts: PartsOf) -> Consent:
    """What one agrees to, and did before."""
    return await parts.identities.privacy.consent(principal, None)


@router.post(
    "/consent",
    summary="Update consent",
    operation_id="update_consent",
    responses=errors(401, 403, 413, 422, 429, 503),
)
async def update_consent(body: ConsentChange, principal: Owner, parts: PartsOf) -> Consent:
    """For marketing and analytics; what was before stays in the history."""
    return await parts.identities.privacy.consent(principal, body)
