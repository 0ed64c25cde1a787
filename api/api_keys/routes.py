"""`/api/v1/api-keys`."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path

from api.api_keys import service
from api.api_keys.schemas import ApiKeyList, CreatedApiKey, NewApiKey
from api.dependencies import PartsOf, may
from api.paging import PageLimit, PageNumber
from api.schemas import errors
from core.security.principal import Principal

router = APIRouter(prefix="/api/v1/api-keys", tags=["api keys"])
Reader = Annotated[Principal, Depends(may("read:api_keys"))]
Writer = Annotated[Principal, Depends(may("write:api_keys"))]


@router.post(
    "",
    summary="Create an API key",
    operation_id="create_api_key",
    status_code=201,
    responses=errors(401, 403, 413, 422, 429, 503),
)
async def create_api_key(body: NewApiKey, principal: Writer, parts: PartsOf) -> CreatedApiKey:
    """The key is shown this once; what is kept is its hash."""
    return await service.create(parts.database, principal, body)


@router.get(
    "", summary="List API keys", operation_id="list_api_keys", responses=errors(401, 403, 422, 429, 503)
)
async def list_api_keys(
    principal: Reader, parts: PartsOf, page: PageNumber = 1, limit: PageLimit = 20
) -> ApiKeyList:
    """Their beginnings, scopes and last uses, the newest first."""
    return await service.page(parts.database, principal, page, limit)


@router.delete(
    "/{key_id}",
    summary="Revoke an API key",
    operation_id="revoke_api_key",
    status_code=204,
    responses=errors(401, 403, 404, 422, 429, 503),
)
async def revoke_api_key(
    key_id: Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,64}$")], principal: Writer, parts: PartsOf
) -> None:
    """It is refused from the next request on."""
    await service.revoke(parts.database, principal, key_id)
