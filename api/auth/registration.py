"""New accounts. What is answered, and how long it takes, does not depend on whether one exists."""

from datetime import timedelta
from typing import Final

import psycopg

from api.auth import mailed_links
from api.auth.attempts import Attempts
from api.auth.schemas import Registration
from api.organizations.repository import insert_membership, insert_organization, insert_user
from core.database import Claims, Database
from core.identifiers import new_id
from core.jobs import defer
from core.security.jwt import invalid_token
from core.security.mail_tokens import mail_token_hash
from core.security.passwords import Passwords

LASTS: Final = timedelta(days=1)


class Registrations:
    """Accounts in the making."""

    def __init__(self, database: Database, passwords: Passwords, attempts: Attempts) -> None:
        self._database = database
        self._passwords = passwords
        self._attempts = attempts

    async def register(self, wanted: Registration) -> None:
        """Write the registration down; a job finds out what to write to the address."""
        password_hash = await self._passwords.hash(wanted.password.get_secret_value())
        if not await self._attempts.may_mail(wanted.email):
            return
        registration_id = new_id("reg")
        async with self._database.transaction(Claims.nobody()) as connection:
            await mailed_links.begin_registration(
                connection, registration_id, wanted.email, wanted.full_name, password_hash, LASTS
            )
            await defer(connection, "accounts.send_registration", registration_id=registration_id)

    async def confirm(self, token: str) -> None:
        """Make the account, its organization with it; raises `core.errors.InvalidToken`."""
        organization_id = new_id("org")
        try:
            async with self._database.transaction(Claims.for_organization(organization_id)) as connection:
                confirmed = await mailed_links.use_registration(connection, mail_token_hash(token))
                if confirmed is None:
                    raise invalid_token()
                await insert_organization(connection, organization_id, confirmed.full_name)
                user_id = await insert_user(
                    connection,
                    email=confirmed.email,
                    full_name=confirmed.full_name,
                    password_hash=confirmed.password_hash,
                    verified=True,
                )
                await insert_membership(connection, organization_id, user_id, "admin")
        except psycopg.errors.UniqueViolation as fault:
            raise invalid_token() from fault
