"""What a superadmin does with organizations, and an admin with their own."""

import psycopg

from api.invitations.schemas import NewInvitation
from api.invitations.service import Invitations
from api.tenants import repository
from api.tenants.schemas import NewTenant, Tenant, TenantChange, TenantList
from core.database import Claims, Database
from core.database.pool import Connection
from core.errors import Conflict, Forbidden, InvalidInput, NotFound
from core.identifiers import new_id
from core.security.principal import Principal

ALL = "installation:tenants"


class Tenants:
    """Organizations."""

    def __init__(self, database: Database, invitations: Invitations) -> None:
        self._database = database
        self._invitations = invitations

    async def page(self, principal: Principal, page: int, limit: int) -> TenantList:
        """Every organization."""
        async with self._database.transaction(principal.claims) as connection:
            rows, total = await repository.page(connection, limit, (page - 1) * limit)
        return TenantList.of([Tenant(**row) for row in rows], total, page, limit)

    async def read(self, principal: Principal, tenant_id: str) -> Tenant:
        """One's own, or any for a superadmin; raises `core.errors.NotFound`."""
        async with self._database.transaction(_claims(principal, tenant_id)) as connection:
            return await _found(connection)

    async def create(self, principal: Principal, wanted: NewTenant) -> Tenant:
        """A new one; raises `core.errors.Conflict` when the slug is taken."""
        claims = Claims.for_organization(new_id("org"), principal.user_id)
        try:
            async with self._database.transaction(claims) as connection:
                await repository.insert(
                    connection, {**wanted.model_dump(exclude={"admin_email"}), "id": claims.organization_id}
                )
                if wanted.admin_email is not None:
                    first = NewInvitation(email=wanted.admin_email, role="admin")
                    await self._invitations.invite_in(connection, claims, first)
                return await _found(connection)
        except psycopg.errors.UniqueViolation as fault:
            raise Conflict(f"The slug {wanted.slug} is taken.", details={"slug": wanted.slug}) from fault

    async def change(self, principal: Principal, tenant_id: str, wanted: TenantChange) -> Tenant:
        """Edit one; raises `core.errors.NotFound`, `Conflict`, or `Forbidden` for a superadmin's fields."""
        changes = wanted.model_dump(exclude_unset=True)
        for column in ("name", "plan", "is_active", "time_zone"):
            if changes.get(column, ...) is None:
                del changes[column]
        claims = _claims(principal, tenant_id)
        if set(changes) - {"name", "time_zone"} and not principal.may(ALL):
            raise Forbidden("Only the name and the time zone are yours to change", details={"required": ALL})
        try:
            async with self._database.transaction(claims) as connection:
                await _found(connection)
                if changes:
                    await repository.update(connection, changes)
                return await _found(connection)
        except psycopg.errors.UniqueViolation as fault:
            raise Conflict(f"The slug {wanted.slug} is taken.", details={"slug": wanted.slug}) from fault
        except psycopg.errors.InvalidParameterValue as fault:
            raise InvalidInput(f"The database knows no time zone {wanted.time_zone}.") from fault


def _claims(principal: Principal, tenant_id: str) -> Claims:
    """A superadmin works in any organization; everybody else's is the only one that exists for them."""
    if tenant_id != principal.organization_id and not principal.may(ALL):
        raise _missing()
    return Claims.for_organization(tenant_id, principal.user_id)


async def _found(connection: Connection) -> Tenant:
    row = await repository.current(connection)
    if row is None:
        raise _missing()
    return Tenant(**row)


def _missing() -> NotFound:
    return NotFound("There is no such tenant")
