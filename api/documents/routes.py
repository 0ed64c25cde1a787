"""`/api/documents`."""

from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import StreamingResponse

from api.counting import counted_by_principal
from api.dependencies import PartsOf, may
from api.documents.intake import received
from api.documents.schemas import (
    Deleted,
    DocumentDetails,
    DocumentList,
    Label,
    Uploaded,
    UploadedDocument,
    details,
    listed,
)
from api.schemas import Limit, Offset, errors
from core.knowledge.documents import Status
from core.knowledge.file_types import MEDIA_TYPES, FileType
from core.security.principal import Principal

router = APIRouter(prefix="/api/documents", tags=["documents"])
Reader = Annotated[Principal, Depends(may("read:documents"))]
Writer = Annotated[Principal, Depends(may("write:documents"))]
DocumentId = Annotated[str, Path(max_length=64, examples=["doc_01jz"])]
_LABEL = {"type": "string", "maxLength": 60}
_FORM: dict[str, Any] = {
    "type": "object",
    "required": ["file"],
    "properties": {
        "file": {"type": "string", "format": "binary", "description": "PDF, DOCX, TXT or MD"},
        "category": _LABEL,
        "tags": {"type": "array", "items": _LABEL, "maxItems": 20},
    },
}


@router.post(
    "/upload",
    summary="Upload a document",
    operation_id="upload_document",
    status_code=201,
    responses={
        200: {"model": Uploaded, "description": "This content is there already"},
        **errors(400, 401, 403, 413, 429, 503),
    },
    dependencies=[counted_by_principal("documents_upload", "organization_id")],
    openapi_extra={"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": _FORM}}}},
)
async def upload_document(
    request: Request, response: Response, principal: Writer, parts: PartsOf
) -> Uploaded:
    """Taken in at once, processed in the background; the same content twice is one document."""
    async with received(request, parts.settings.upload_limit_bytes) as upload:
        document, new = await parts.documents.take(principal, upload)
    response.status_code = 201 if new else 200
    return Uploaded(document=UploadedDocument.of(document, parts.settings.base_url))


@router.get(
    "",
    summary="List documents",
    operation_id="list_documents",
    responses=errors(400, 401, 403, 429, 503),
)
async def list_documents(
    principal: Reader,
    parts: PartsOf,
    status: Annotated[Status | None, Query()] = None,
    category: Annotated[Label | None, Query()] = None,
    limit: Annotated[Limit, Query()] = 50,
    offset: Annotated[Offset, Query()] = 0,
) -> DocumentList:
    """Newest first."""
    found, total = await parts.documents.page(principal, status, category, limit, offset)
    shown = [listed(document, parts.settings.base_url) for document in found]
    return DocumentList(documents=shown, total=total, has_more=offset + len(shown) < total)


@router.get(
    "/{document_id}",
    summary="Read a document's state",
    operation_id="get_document",
    responses=errors(401, 403, 404, 429, 503),
)
async def get_document(document_id: DocumentId, principal: Reader, parts: PartsOf) -> DocumentDetails:
    """How far it is, and on failure why."""
    return details(await parts.documents.read(principal, document_id), parts.settings.base_url)


@router.get(
    "/{document_id}/file",
    summary="Download the original",
    operation_id="download_document",
    response_class=StreamingResponse,
    responses={200: {"content": {"application/octet-stream": {}}}, **errors(401, 403, 404, 429, 503)},
)
async def download_document(document_id: DocumentId, principal: Reader, parts: PartsOf) -> StreamingResponse:
    """As it was uploaded. Browsers save it and open nothing: it is somebody's file."""
    document = await parts.documents.read(principal, document_id)
    headers = {
        "content-disposition": f"attachment; filename*=UTF-8''{quote(document.filename, safe='')}",
        "content-length": str(document.file_size),
        "content-security-policy": "sandbox; default-src 'none'",
        "cache-control": "private, no-store",
    }
    media_type = MEDIA_TYPES[FileType(document.file_type)]
    return StreamingResponse(await parts.documents.original(document), media_type=media_type, headers=headers)


@router.post(
    "/{document_id}/retry",
    summary="Try a failed document again",
    operation_id="retry_document",
    status_code=202,
    responses=errors(401, 403, 404, 409, 429, 503),
)
async def retry_document(document_id: DocumentId, principal: Writer, parts: PartsOf) -> DocumentDetails:
    """It is queued as if it had just been uploaded."""
    return details(await parts.documents.retry(principal, document_id), parts.settings.base_url)


@router.delete(
    "/{document_id}",
    summary="Delete a document",
    operation_id="delete_document",
    responses=errors(401, 403, 404, 429, 503),
)
async def delete_document(document_id: DocumentId, principal: Writer, parts: PartsOf) -> Deleted:
    """For good, and at once: no reply draws on it any more."""
    await parts.documents.remove(principal, document_id)
    return Deleted()
