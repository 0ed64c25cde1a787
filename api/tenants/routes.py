"""`/api/v1/tenants`."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path

from api.dependencies import PartsOf, may
from api.paging import PageLimit, PageNumber
from api.schemas import errors
from api.tenants.schemas import NewTenant, Tenant, TenantChange, TenantList
from api.tenants.service import ALL
from core.security.principal import Principal

router = APIRouter(prefix="/api/v1/tenants", tags=["tenants"])
Superadmin = Annotated[Principal, Depends(may(ALL))]
Reader = Annotated[Principal, Depends(may("read:tenants"))]
Writer = Annotated[Principal, Depends(may("write:tenants"))]
TenantId = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,64}$")]


@router.get(
    "", summary="List tenants", operation_id="list_tenants", responses=errors(401, 403, 422, 429, 503)
)
async def list_tenants(
    principal: Superadmin, parts: PartsOf, page: PageNumber = 1, limit: PageLimit = 20
) -> TenantList:
    """Every organization, the newest first; for superadmins."""
    return await parts.identities.tenants.page(principal, page, limit)


@router.post(
    "",
    summary="Create a tenant",
    operation_id="create_tenant",
    status_code=201,
    responses=errors(401, 403, 409, 413, 422, 429, 503),
)
async def create_tenant(body: NewTenant, principal: Superadmin, parts: PartsOf) -> Tenant:
    """A new organization, its first admin invited; for superadmins."""
    return await parts.identities.tenants.create(principal, body)


@router.get(
    "/{tenant_id}",
    summary="Read a tenant",
    operation_id="get_tenant",
    responses=errors(401, 403, 404, 422, 429, 503),
)
async def get_tenant(tenant_id: TenantId, principal: Reader, parts: PartsOf) -> Tenant:
    """One's own organization, or any for a superadmin."""
    return await parts.identities.tenants.read(principal, tenant_id)


@router.patch(
    "/{tenant_id}",
    summary="Update a tenant",
    operation_id="change_tenant",
    responses=errors(401, 403, 404, 409, 413, 422, 429, 503),
)
async def change_tenant(tenant_id: TenantId, body: TenantChange, principal: Writer, parts: PartsOf) -> Tenant:
    """The name and the time zone by its admin; plan, limits and whether it is active by a superadmin."""
    return await parts.identities.tenants.change(principal, tenant_id, body)
