"""`limitless superadmin`: the one right that no organization can give."""

import asyncio
from typing import Annotated

import typer

from api.auth.repository import accounts_by_email
from cli.installation import database_in_use, faults_in_a_sentence
from core.database import Database
from core.database.claims import Claims
from core.email import normalised_email
from core.errors import NotFound
from core.settings import get_settings


def superadmin(email: Annotated[str, typer.Argument(help="The account's address.")]) -> None:
    """Let an account look after every organization of this installation."""
    with faults_in_a_sentence(), database_in_use(get_settings()) as conninfo:
        asyncio.run(_promote(conninfo, normalised_email(email) or ""))
    print(f"{email} is a superadmin from the next request on.")


async def _promote(conninfo: str, email: str) -> None:
    database = Database(conninfo, size=2)
    await database.open()
    try:
        accounts = await accounts_by_email(database, email)
        if not accounts:
            raise NotFound("There is no account with this address.")
        first = accounts[0]
        await database.fetch(
            Claims.for_organization(first.organization_id),
            "update memberships set role = 'superadmin', updated_at = now()"
            " where organization_id = %s and user_id = %s returning user_id",
            (first.organization_id, first.user_id),
        )
    finally:
        await database.close()
