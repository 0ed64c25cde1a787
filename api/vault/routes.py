"""`/api/v1/vault`."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from api.dependencies import PartsOf, may
from api.paging import PageLimit, PageNumber
from api.schemas import errors
from api.vault import service
from api.vault.schemas import KeyList, KeyName, NewKey, Provider, Rotation, StoredKey
from core.security.principal import Principal

router = APIRouter(prefix="/api/v1/vault/keys", tags=["vault"])
Reader = Annotated[Principal, Depends(may("read:vault"))]
Writer = Annotated[Principal, Depends(may("write:vault"))]
ProviderPath = Annotated[Provider, Path()]
NamePath = Annotated[KeyName, Path()]


@router.post(
    "",
    summary="Store a key",
    operation_id="store_key",
    status_code=201,
    responses=errors(401, 403, 409, 413, 422, 429, 503),
)
async def store_key(body: NewKey, principal: Writer, parts: PartsOf) -> StoredKey:
    """Sealed before it is written; the answer is masked."""
    return await service.store(parts.vault, principal, body)


@router.get("", summary="List keys", operation_id="list_keys", responses=errors(401, 403, 422, 429, 503))
async def list_keys(
    principal: Reader, parts: PartsOf, page: PageNumber = 1, limit: PageLimit = 20
) -> KeyList:
    """Names, versions and when they are due; no values."""
    return await service.page(parts.vault, principal, page, limit)


@router.get(
    "/{provider}/{key_name}",
    summary="Retrieve a key",
    operation_id="get_key",
    responses=errors(401, 403, 404, 422, 429, 503),
)
async def get_key(
    provider: ProviderPath,
    key_name: NamePath,
    principal: Reader,
    parts: PartsOf,
    reveal: Annotated[bool, Query(description="The plain values, for an admin; noted in the audit")] = False,
) -> StoredKey:
    """Its values masked."""
    if reveal:
        principal.require("admin:vault")
    return await service.look(parts.vault, principal, provider, key_name, reveal=reveal)


@router.post(
    "/{provider}/{key_name}/rotate",
    summary="Rotate a key",
    operation_id="rotate_key",
    responses=errors(401, 403, 404, 413, 422, 429, 503),
)
async def rotate_key(
    provider: ProviderPath, key_name: NamePath, body: Rotation, principal: Writer, parts: PartsOf
) -> StoredKey:
    """A new version; values that are not named stay, the version before is wiped."""
    return await service.rotate(parts.vault, principal, provider, key_name, body)


@router.delete(
    "/{provider}/{key_name}",
    summary="Revoke a key",
    operation_id="revoke_key",
    status_code=204,
    responses=errors(401, 403, 404, 422, 429, 503),
)
async def revoke_key(provider: ProviderPath, key_name: NamePath, principal: Writer, parts: PartsOf) -> None:
    """Put out of force and wiped."""
    await parts.vault.revoke(principal.claims, provider, key_name)
