"""`/api/v1/audit`."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse

from api.audit import service
from api.audit.schemas import AuditPage, Filters
from api.audit.service import MEDIA_TYPES, Format
from api.counting import counted_by_principal
from api.dependencies import PartsOf, may
from api.paging import PageLimit, PageNumber
from api.schemas import errors
from core.security.principal import Principal

router = APIRouter(prefix="/api/v1/audit", tags=["audit"])
Auditor = Annotated[Principal, Depends(may("admin:audit"))]
Wanted = Annotated[Filters, Depends()]


@router.get(
    "",
    summary="Read the audit",
    operation_id="list_audit_events",
    responses=errors(401, 403, 422, 429, 503),
)
async def list_audit_events(
    principal: Auditor, parts: PartsOf, filters: Wanted, page: PageNumber = 1, limit: PageLimit = 50
) -> AuditPage:
    """Who did what, from where, the newest first; for admins."""
    return await service.page(parts.database, principal, filters, page, limit)


@router.get(
    "/export",
    summary="Export the audit",
    operation_id="export_audit",
    response_class=StreamingResponse,
    responses={
        200: {"content": {"text/csv": {}, "application/x-ndjson": {}}, "description": "One event a line"},
        **errors(401, 403, 422, 429, 503),
    },
    dependencies=[counted_by_principal("data_export", "user_id")],
)
async def export_audit(
    principal: Auditor,
    parts: PartsOf,
    filters: Wanted,
    format: Annotated[Format, Query()] = "csv",  # noqa: A002
) -> StreamingResponse:
    """All of it, or what the filters leave, the oldest first."""
    return StreamingResponse(
        service.export(parts.database, principal, filters, format),
        media_type=MEDIA_TYPES[format],
        headers={"Content-Disposition": f'attachment; filename="audit.{format}"'},
    )
