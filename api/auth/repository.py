"""Accounts in the database."""

from dataclasses import dataclass

from core.database import Claims, Database
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


async def accounts_by_email(database: Database, email: str) -> list[Account]:
    """The account with this address, once for each of its organizations, the oldest first."""
    rows = await database.fetch(Claims.nobody(), "select * from app.account_by_email(%s)", (email,))
    return [Account(**row) for row in rows]
