"""Accounts in the database."""

from dataclasses import dataclass

from psycopg.rows import class_row

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


async def accounts_by_email(database: Database, email: str) -> list[Account]:
    """The account with this address, once for each of its organizations, the oldest first."""
    async with database.transaction(Claims.nobody()) as connection:
        async with connection.cursor(row_factory=class_row(Account)) as cursor:
            await cursor.execute("select * from app.account_by_email(%s)", (email,))
            return await cursor.fetchall()
