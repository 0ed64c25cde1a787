"""What an organization does with its people."""

import psycopg

from api.organizations.repository import insert_membership, insert_user, refuse_if_full
from api.users import repository
from api.users.schemas import NewUser, User, UserChange, UserList
from core.database import Database
from core.database.pool import Connection
from core.errors import Conflict, NotFound
from core.security.passwords import Passwords
from core.security.permissions import Role
from core.security.principal import Principal


class Users:
    """The people of organizations."""

    def __init__(self, database: Database, passwords: Passwords) -> None:
        self._database = database
        self._passwords = passwords

    async def page(
        self, principal: Principal, role: Role | None, is_active: bool | None, page: int, limit: int
    ) -> UserList:
        """A page of them."""
        async with self._database.transaction(principal.claims) as connection:
            rows, total = await repository.page(connection, role, is_active, limit, (page - 1) * limit)
        return UserList.of([User(**row) for row in rows], total, page, limit)

    async def read(self, principal: Principal, user_id: str) -> User:
        """One of them; raises `core.errors.NotFound`."""
        async with self._database.transaction(principal.claims) as connection:
            return await _found(connection, user_id)

    async def create(self, principal: Principal, wanted: NewUser) -> User:
        """A new account in the organization.

        Raises `core.errors.Conflict` for an address that has one already, which is invited instead, and when
        the organization is full.
        """
        password_hash = await self._passwords.hash(wanted.password.get_secret_value())
        try:
            async with self._database.transaction(principal.claims) as connection:
                await refuse_if_full(connection)
                user_id = await insert_user(
                    connection, email=wanted.email, full_name=wanted.full_name, password_hash=password_hash
                )
                await insert_membership(connection, principal.organization_id, user_id, wanted.role)
                return await _found(connection, user_id)
        except psycopg.errors.UniqueViolation as fault:
            raise Conflict("This address cannot be added; invite it instead.") from fault

    async def change(self, principal: Principal, user_id: str, wanted: UserChange) -> User:
        """Another name or role, deactivate or reactivate.

        Raises `core.errors.NotFound`, or `Conflict` when no admin would be left.
        """
        changes = {k: v for k, v in wanted.model_dump(exclude_unset=True).items() if v is not None}
        full_name = changes.pop("full_name", None)
        async with self._database.transaction(principal.claims) as connection:
            present = await _found(connection, user_id)
            if present.role == "superadmin" and changes and principal.role != "superadmin":
                raise Conflict("A superadmin is changed by a superadmin alone.")
            if changes.get("is_active") is False or changes.get("role", "admin") != "admin":
                await _refuse_last_admin(connection, user_id)
            if changes.get("is_active") is True and not present.is_active:
                await refuse_if_full(connection)
            if changes.get("is_active") is False:
                await repository.take_invitations_back(connection, user_id)
            if changes:
                await repository.change_membership(connection, user_id, changes)
            if full_name and not await repository.rename(connection, user_id, full_name):
                raise Conflict(
                    "This person belongs to other organizations, too: they change their name alone."
                )
            return await _found(connection, user_id)

    async def remove(self, principal: Principal, user_id: str) -> None:
        """Out of the organization; an account of no other one is deleted.

        Raises `core.errors.NotFound`, or `Conflict` when no admin would be left.
        """
        async with self._database.transaction(principal.claims) as connection:
            present = await _found(connection, user_id)
            if present.role == "superadmin" and principal.role != "superadmin":
                raise Conflict("A superadmin is removed by a superadmin alone.")
            await _refuse_last_admin(connection, user_id)
            await repository.take_invitations_back(connection, user_id)
            await repository.remove(connection, user_id)


async def _found(connection: Connection, user_id: str) -> User:
    row = await repository.by_id(connection, user_id)
    if row is None:
        raise NotFound("There is no such user")
    return User(**row)


async def _refuse_last_admin(connection: Connection, user_id: str) -> None:
    if await repository.hold_admins(connection) == {user_id}:
        raise Conflict("The last admin cannot go; make somebody else one first.")
