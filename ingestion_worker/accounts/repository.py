"""Links that wait for their mail, in the database."""

from psycopg.rows import DictRow

from core.database import Claims, Database


async def arm_registration(database: Database, registration_id: str, token_hash: bytes) -> DictRow | None:
    """Give a registration its link; ``email``, ``full_name``, and whether the address is ``known``."""
    rows = await database.fetch(
        Claims.nobody(), "select * from app.arm_registration(%s, %s)", (registration_id, token_hash)
    )
    return rows[0] if rows else None


async def arm_password_reset(database: Database, reset_id: str, token_hash: bytes) -> DictRow | None:
    """Give a reset its link; ``email`` and ``full_name``, or None when there is no such account."""
    rows = await database.fetch(
        Claims.nobody(), "select * from app.arm_password_reset(%s, %s)", (reset_id, token_hash)
    )
    return rows[0] if rows else None


async def arm_invitation(
    database: Database, organization_id: str, invitation_id: str, token_hash: bytes
) -> DictRow | None:
    """Give an invitation its link; ``email``, ``role`` and the organization's ``name``."""
    rows = await database.fetch(
        Claims.for_organization(organization_id),
        "update invitations i set token_hash = %s from organizations o"
        " where i.id = %s and o.id = i.organization_id"
        " and i.accepted_at is null and i.revoked_at is null and i.expires_at > now()"
        " returning i.email, i.role, o.name",
        (token_hash, invitation_id),
    )
    return rows[0] if rows else None


async def admins(database: Database, organization_id: str) -> list[str]:
    """The addresses of an organization's active admins."""
    rows = await database.fetch(
        Claims.for_organization(organization_id),
        "select u.email from users u join memberships m on m.user_id = u.id and m.organization_id = %s"
        " where m.role in ('admin', 'superadmin') and m.is_active and u.is_active order by u.email",
        (organization_id,),
    )
    return [row["email"] for row in rows]
