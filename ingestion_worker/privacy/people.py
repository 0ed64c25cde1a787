"""What is held on a person with an account, and how it goes."""

from typing import Any, Final, LiteralString

from core.database.pool import Connection
from ingestion_worker.privacy.archive import Holdings

_OWN: Final[dict[str, LiteralString]] = {
    "account": "select jsonb_build_object('id', id, 'email', email, 'full_name', full_name,"
    " 'is_active', is_active, 'created_at', created_at, 'updated_at', updated_at,"
    " 'email_verified_at', email_verified_at, 'supabase_id', supabase_id) as row"
    " from users where id = %(id)s",
    "sessions": "select to_jsonb(t) as row from sessions t where user_id = %(id)s order by created_at",
    "second_factor": "select to_jsonb(t) - 'sealed_secret' as row from mfa_enrollments t"
    " where user_id = %(id)s",
}
"""Seen with the person's own claims."""
_IN_ORGANIZATION: Final[dict[str, LiteralString]] = {
    "memberships": "select to_jsonb(t) as row from memberships t"
    " where user_id = %(id)s and organization_id = app.staff_organization_id()",
    "invitations": "select to_jsonb(i) - 'token_hash' as row from invitations i"
    " where invited_by = %(id)s or email = (select email from users where id = %(id)s)",
    "api_keys": "select to_jsonb(t) - 'key_hash' as row from api_keys t where created_by = %(id)s",
    "vault_keys": "select jsonb_build_object('id', id, 'provider', provider, 'key_name', key_name,"
    " 'version', version, 'created_at', created_at) as row from vault_secrets where created_by = %(id)s",
    "playbooks": "select jsonb_build_object('id', id, 'version', version, 'created_at', created_at) as row"
    " from playbooks where created_by = %(id)s",
    "consents": "select to_jsonb(t) as row from consents t"
    " where subject = 'user' and subject_id = %(id)s order by created_at",
    "privacy_requests": "select to_jsonb(t) as row from privacy_requests t"
    " where requested_by = %(id)s or (subject = 'user' and subject_ids = array[%(id)s]) order by created_at",
    "audit_events": "select to_jsonb(t) as row from audit_events t where actor_id = %(id)s order by seq",
}
"""Seen with each organization's claims."""
_GOES: Final[dict[str, LiteralString]] = {
    "invitations": "delete from invitations where email = (select email from users where id = %(id)s)",
    "consents": "delete from consents where subject = 'user' and subject_id = %(id)s",
    "archives": "delete from privacy_archives a using privacy_requests r"
    " where a.request_id = r.id and r.subject = 'user' and r.subject_ids = array[%(id)s]",
    "authorship": "update playbooks set created_by = null where created_by = %(id)s",
    "api_keys": "delete from api_keys where created_by = %(id)s",
    "memberships": "delete from memberships"
    " where user_id = %(id)s and organization_id = app.staff_organization_id()",
}


async def own(connection: Connection, user_id: str) -> Holdings:
    """What belongs to the account itself, by kind."""
    return await _held(connection, _OWN, user_id)


async def in_organization(connection: Connection, user_id: str) -> Holdings:
    """What one organization holds, by kind."""
    return await _held(connection, _IN_ORGANIZATION, user_id)


async def leave(connection: Connection, user_id: str) -> dict[str, int]:
    """Everything of the person in one organization goes; returns how much, by kind."""
    gone: dict[str, int] = {}
    for kind, statement in _GOES.items():
        gone[kind] = (await connection.execute(statement, {"id": user_id})).rowcount
    return gone


async def close_account(connection: Connection, user_id: str) -> dict[str, int]:
    """The account itself goes, its sessions and second factor with it; returns how much, by kind.

    So does what waits for its address elsewhere: invitations, registrations, mailed links.
    """
    waiting = await connection.execute("select app.forget_own_address() as n")
    links = await waiting.fetchone()
    sessions = await connection.execute("delete from sessions where user_id = %s", (user_id,))
    factor = await connection.execute("delete from mfa_enrollments where user_id = %s", (user_id,))
    account = await connection.execute("delete from users where id = %s", (user_id,))
    return {
        "links_to_the_address": links["n"] if links else 0,
        "sessions": sessions.rowcount,
        "second_factor": factor.rowcount,
        "account": account.rowcount,
    }


async def is_last_admin(connection: Connection, user_id: str) -> bool:
    """Whether nobody else is an active admin here; who is stays one until the transaction ends."""
    cursor = await connection.execute(
        "select m.user_id from memberships m join users u on u.id = m.user_id"
        " where m.organization_id = app.staff_organization_id() and m.role in ('admin', 'superadmin')"
        " and m.is_active and u.is_active order by m.user_id for update of m"
    )
    return [row["user_id"] for row in await cursor.fetchall()] == [user_id]


async def organizations(connection: Connection) -> list[str]:
    """Those that the connection's user belongs to."""
    cursor = await connection.execute("select organization_id from memberships where user_id = app.user_id()")
    return [row["organization_id"] for row in await cursor.fetchall()]


async def email_of(connection: Connection, user_id: str) -> str | None:
    """Where to write to."""
    cursor = await connection.execute("select email from users where id = %s", (user_id,))
    row = await cursor.fetchone()
    return row["email"] if row else None


async def _held(connection: Connection, kinds: dict[str, LiteralString], user_id: str) -> Holdings:
    found: dict[str, list[dict[str, Any]]] = {}
    for kind, statement in kinds.items():
        cursor = await connection.execute(statement, {"id": user_id})
        found[kind] = [row["row"] for row in await cursor.fetchall()]
    return found
