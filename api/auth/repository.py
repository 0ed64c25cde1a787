"""Accounts and their sessions in the database."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from psycopg.rows import DictRow

from core.database import Claims, Database
from core.database.pool import Connection
from core.origin import ORIGIN
from core.security.permissions import Role


@dataclass(frozen=True, slots=True)
class Account:
    """A person in one of their organizations."""

    user_id: str
    email: str
    full_name: str
    password_hash: str | None
    is_active: bool
    organization_id: str
    role: Role
    mfa: bool


@dataclass(frozen=True, slots=True)
class Membership:
    """An identity of Supabase Auth in one organization of ours."""

    user_id: str
    email: str
    is_active: bool
    organization_id: str
    role: Role


@dataclass(frozen=True, slots=True)
class Standing:
    """A session that is good; no role where its user is no active member of the organization."""

    email: str
    role: Role | None


@dataclass(frozen=True, slots=True)
class ActiveKey:
    """An API key that is in force, and whom it acts for."""

    id: str
    organization_id: str
    scopes: list[str]
    expires_at: datetime | None
    user_id: str
    email: str
    role: Role


@dataclass(frozen=True, slots=True)
class Session:
    """A session that goes on."""

    id: str
    user_id: str
    organization_id: str
    generation: int
    expires_at: datetime


async def accounts_by_email(database: Database, email: str) -> list[Account]:
    """The account with this address, once for each of its organizations; where it is active first."""
    rows = await database.fetch(Claims.nobody(), "select * from app.account_by_email(%s)", (email,))
    return [Account(**row) for row in rows]


async def memberships_of_identity(database: Database, subject: str) -> list[Membership]:
    """What an identity of Supabase Auth may act in."""
    rows = await database.fetch(Claims.nobody(), "select * from app.account_by_supabase_id(%s)", (subject,))
    return [Membership(**row) for row in rows]


async def use_api_key(database: Database, key_hash: bytes) -> ActiveKey | None:
    """The key behind a hash, if it is in force."""
    rows = await database.fetch(Claims.nobody(), "select * from app.use_api_key(%s)", (key_hash,))
    return ActiveKey(**rows[0]) if rows else None


async def standing(
    database: Database, session_id: str, user_id: str, organization_id: str
) -> Standing | None:
    """How a session stands in an organization; None when it is over, or its user was deactivated."""
    rows = await database.fetch(
        Claims.for_organization(organization_id, user_id),
        "select u.email, m.role from sessions s join users u on u.id = s.user_id and u.is_active"
        " left join (memberships m join organizations o on o.id = m.organization_id and o.is_active)"
        " on m.user_id = u.id and m.organization_id = %s and m.is_active"
        " where s.id = %s and s.user_id = %s and s.ended_at is null and s.expires_at > now()",
        (organization_id, session_id, user_id),
    )
    return Standing(**rows[0]) if rows else None


async def insert_session(connection: Connection, session: Session) -> None:
    """A new session, with where it was opened from."""
    origin = ORIGIN.get()
    await connection.execute(
        "insert into sessions (id, user_id, organization_id, expires_at, address, user_agent)"
        " values (%s, %s, %s, %s, %s, %s)",
        (
            session.id,
            session.user_id,
            session.organization_id,
            session.expires_at,
            origin and origin.address,
            origin and origin.user_agent,
        ),
    )


async def advance_session(connection: Connection, session_id: str, generation: int) -> Session | None:
    """Count one refresh; None when the session is over, or was refreshed since."""
    cursor = await connection.execute(
        "update sessions set generation = generation + 1, last_used_at = now()"
        " where id = %s and generation = %s and ended_at is null and expires_at > now()"
        " returning id, user_id, organization_id, generation, expires_at",
        (session_id, generation),
    )
    row = await cursor.fetchone()
    return None if row is None else Session(**row)


async def end_reused_session(connection: Connection, session_id: str, generation: int) -> bool:
    """End a session whose refresh token of an earlier generation came back; False when it is no such one."""
    cursor = await connection.execute(
        "update sessions set ended_at = now(), end_reason = 'reuse'"
        " where id = %s and generation > %s and ended_at is null",
        (session_id, generation),
    )
    return cursor.rowcount > 0


async def end_session(connection: Connection, session_id: str) -> None:
    """Log out of one session."""
    await connection.execute(
        "update sessions set ended_at = now(), end_reason = 'logout' where id = %s and ended_at is null",
        (session_id,),
    )


EndReason = Literal["everywhere", "password", "mfa"]


async def end_sessions(
    connection: Connection, user_id: str, reason: EndReason, spare: str | None = None
) -> None:
    """End every session of the user but ``spare``."""
    await connection.execute(
        "update sessions set ended_at = now(), end_reason = %s"
        " where user_id = %s and ended_at is null and id is distinct from %s",
        (reason, user_id, spare),
    )


async def member(connection: Connection, user_id: str, organization_id: str) -> Account | None:
    """The person in the organization of the connection's claims; None unless all of it is active."""
    cursor = await connection.execute(
        "select u.id as user_id, u.email, u.full_name, null as password_hash, true as is_active,"
        " m.organization_id, m.role, false as mfa from users u"
        " join memberships m on m.user_id = u.id join organizations o on o.id = m.organization_id"
        " where u.id = %s and m.organization_id = %s and u.is_active and m.is_active and o.is_active",
        (user_id, organization_id),
    )
    row = await cursor.fetchone()
    return None if row is None else Account(**row)


async def set_password_hash(connection: Connection, user_id: str, password_hash: str) -> None:
    """Store a new hash for the connection's user."""
    await connection.execute(
        "update users set password_hash = %s, updated_at = now() where id = %s", (password_hash, user_id)
    )


async def email_of(connection: Connection, user_id: str) -> str:
    """The address of the connection's user."""
    cursor = await connection.execute("select email from users where id = %s", (user_id,))
    row = await cursor.fetchone()
    assert row is not None  # noqa: S101 - the user was just found
    email: str = row["email"]
    return email


async def prove_email(connection: Connection, user_id: str) -> None:
    """The connection's user holds their address's mailbox."""
    await connection.execute(
        "update users set email_verified_at = now() where id = %s and email_verified_at is null", (user_id,)
    )


async def profile(connection: Connection, user_id: str) -> tuple[DictRow, list[DictRow]]:
    """The connection's user, and the organizations that they belong to."""
    cursor = await connection.execute(
        "select u.full_name, u.email_verified_at is not null as email_verified, u.created_at,"
        " exists (select from mfa_enrollments f where f.user_id = u.id and f.confirmed_at is not null)"
        " as mfa_enabled from users u where u.id = %s",
        (user_id,),
    )
    account = await cursor.fetchone()
    assert account is not None  # noqa: S101 - the user was just found
    found = await connection.execute("select * from app.own_organizations()")
    return account, await found.fetchall()
