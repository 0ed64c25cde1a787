"""Inviting, and what happens when an invitation is followed."""

from datetime import timedelta
from typing import Final

import psycopg

from api.auth.repository import end_sessions, prove_email, set_password_hash
from api.invitations import repository
from api.invitations.repository import Waiting
from api.invitations.schemas import (
    AcceptInvitation,
    Invitation,
    InvitationAccepted,
    InvitationList,
    NewInvitation,
)
from api.organizations.repository import insert_membership, insert_user, refuse_if_full
from core.database import Claims, Database
from core.database.pool import Connection
from core.errors import Conflict, InvalidInput, NotFound
from core.identifiers import new_id
from core.jobs import defer
from core.security.jwt import invalid_token
from core.security.mail_tokens import mail_token_hash
from core.security.passwords import Passwords
from core.security.principal import Principal
from core.security.supabase_auth import Identity

LASTS: Final = timedelta(days=7)


class Invitations:
    """The way into an organization for people who are not in it yet."""

    def __init__(self, database: Database, passwords: Passwords) -> None:
        self._database = database
        self._passwords = passwords

    async def invite(self, principal: Principal, wanted: NewInvitation) -> Invitation:
        """Write to an address; the answer is the same whether it has an account or not.

        Raises `core.errors.Conflict` when it is a member already, or the organization is full.
        """
        async with self._database.transaction(principal.claims) as connection:
            return await self.invite_in(connection, principal.claims, wanted)

    async def invite_in(self, connection: Connection, claims: Claims, wanted: NewInvitation) -> Invitation:
        """The same, within the transaction of ``claims``."""
        values = {
            "id": new_id("inv"),
            "organization_id": claims.organization_id,
            "email": wanted.email,
            "role": wanted.role,
            "invited_by": claims.user_id,
        }
        if await repository.is_member(connection, wanted.email):
            raise Conflict("This person belongs to the organization already.")
        await refuse_if_full(connection)
        row = await repository.insert(connection, values, LASTS)
        await defer(
            connection,
            "accounts.send_invitation",
            invitation_id=row["id"],
            organization_id=claims.organization_id,
        )
        return Invitation(**row)

    async def page(self, principal: Principal, page: int, limit: int) -> InvitationList:
        """The invitations that wait."""
        async with self._database.transaction(principal.claims) as connection:
            rows, total = await repository.page(connection, limit, (page - 1) * limit)
        return InvitationList.of([Invitation(**row) for row in rows], total, page, limit)

    async def revoke(self, principal: Principal, invitation_id: str) -> None:
        """Take an invitation back; raises `core.errors.NotFound`."""
        async with self._database.transaction(principal.claims) as connection:
            if not await repository.revoke(connection, invitation_id):
                raise NotFound("There is no such invitation")

    async def accept(self, wanted: AcceptInvitation) -> InvitationAccepted:
        """Follow a mailed link; raises `core.errors.InvalidToken` or `InvalidInput`.

        Holding the link proves the address. An account whose address was never proven may have been made
        by somebody else: it gets a new password, and its sessions end.
        """
        waiting = await repository.by_token(self._database, mail_token_hash(wanted.token))
        if waiting is None:
            raise invalid_token()
        password_hash = None
        if not waiting.verified:
            if wanted.password is None or (waiting.user_id is None and not wanted.full_name):
                raise InvalidInput(
                    "Choose a name and a password", details={"required": ["full_name", "password"]}
                )
            password_hash = await self._passwords.hash(wanted.password.get_secret_value())
        await self._join(waiting, wanted.full_name or "", password_hash, None)
        return InvitationAccepted(organization_id=waiting.organization_id, email=waiting.email)

    async def welcome(self, identity: Identity) -> bool:
        """The first sight of an identity of Supabase Auth; False when nothing waits for it.

        An account with its address is linked to it, and invitations to its address are followed.
        """
        if not identity.email:
            return False
        rows = await self._database.fetch(
            Claims.nobody(),
            "select app.link_supabase_identity(%s, %s) as linked",
            (identity.subject, identity.email),
        )
        linked: bool = rows[0]["linked"]
        user_id = None
        for waiting in await repository.by_email(self._database, identity.email):
            if waiting.user_id is None or linked:
                waiting.user_id = waiting.user_id or user_id
                user_id = await self._join(waiting, "", None, identity.subject)
        return linked or user_id is not None

    async def _join(
        self, waiting: Waiting, full_name: str, password_hash: str | None, supabase_id: str | None
    ) -> str | None:
        """The member's id; None when somebody was faster with the same invitation or address."""
        claims = Claims.for_organization(waiting.organization_id, waiting.user_id)
        try:
            async with self._database.transaction(claims) as connection:
                if not await repository.accept(connection, waiting.id):
                    return None
                user_id = waiting.user_id or await insert_user(
                    connection,
                    email=waiting.email,
                    full_name=full_name,
                    password_hash=password_hash,
                    supabase_id=supabase_id,
                    verified=True,
                )
                await insert_membership(connection, waiting.organization_id, user_id, waiting.role)
                if waiting.user_id is not None and password_hash is not None:
                    await set_password_hash(connection, user_id, password_hash)
                    await prove_email(connection, user_id)
                    await end_sessions(connection, user_id, "password")
        except psycopg.errors.UniqueViolation:
            return None
        return user_id
