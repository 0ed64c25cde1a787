"""Who is asking, as they see themselves."""

from api.auth.repository import profile
from api.auth.schemas import Me, OwnOrganization
from core.database import Database
from core.security.permissions import ROLE_PERMISSIONS
from core.security.principal import Principal


async def me(database: Database, principal: Principal) -> Me:
    """The account, its organizations, and what it may do in the present one."""
    async with database.transaction(principal.claims) as connection:
        account, organizations = await profile(connection, principal.user_id)
    return Me(
        id=principal.user_id,
        email=principal.email,
        role=principal.role,
        tenant_id=principal.organization_id,
        org_id=principal.organization_id,
        roles=[principal.role],
        permissions=sorted(principal.scopes or ROLE_PERMISSIONS[principal.role]),
        organizations=[OwnOrganization(**row) for row in organizations],
        **account,
    )
