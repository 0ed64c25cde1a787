"""Storing secrets, opening them, replacing them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson
import psycopg
import structlog
from psycopg.rows import DictRow

from core.audit import record
from core.clock import utc_now
from core.database import Claims, Database
from core.database.pool import Connection
from core.errors import Conflict, NotFound, Unavailable
from core.identifiers import new_id
from core.security.sealing import SealBroken
from core.settings import Settings
from core.vault import repository
from core.vault.cipher import Address, Sealed, seal_secret, unseal_secret
from core.vault.keyring import Keyring
from core.vault.masters import Masters

Credentials = Mapping[str, str]
log = structlog.get_logger()


class Vault:
    """The secrets of all organizations; each call sees those of its claims' organization."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database = database
        self._masters = Masters(database, Keyring(settings), settings.vault_iterations)

    async def open(self) -> None:
        """Derive the master keys."""
        await self._masters.derive_all()

    async def store(
        self,
        claims: Claims,
        provider: str,
        key_name: str,
        credentials: Credentials,
        *,
        metadata: Mapping[str, str],
        next_rotation: datetime | None = None,
        expires_at: datetime | None = None,
    ) -> DictRow:
        """Keep a secret under a name; raises `core.errors.Conflict` when one is in force there."""
        values = {"metadata": dict(metadata), "next_rotation": next_rotation, "expires_at": expires_at}
        try:
            async with self._database.transaction(claims) as connection:
                last = await repository.hold_newest(connection, provider, key_name)
                version = 1 if last is None else last["version"] + 1
                row = await self._insert(connection, claims, provider, key_name, version, credentials, values)
                await record(connection, "api_key_created", "vault_key", row["id"], _named(row))
        except psycopg.errors.UniqueViolation as fault:
            raise Conflict("There is a key of this name already; rotate it instead.") from fault
        return row

    async def rotate(
        self, claims: Claims, provider: str, key_name: str, new: Credentials, next_rotation: datetime | None
    ) -> DictRow:
        """Replace values of a secret, the others stay; the version before is wiped.

        Raises `core.errors.NotFound`.
        """
        async with self._database.transaction(claims) as connection:
            present = await repository.hold_newest(connection, provider, key_name)
            if present is None or not _in_force(present):
                raise _missing()
            merged = {**await self._opened(present), **new}
            await repository.retire(connection, present["id"], "rotated")
            values = {
                "metadata": present["metadata"],
                "next_rotation": next_rotation,
                "expires_at": present["expires_at"],
            }
            version = present["version"] + 1
            row = await self._insert(connection, claims, provider, key_name, version, merged, values)
            await record(connection, "api_key_rotated", "vault_key", row["id"], _named(row))
        return row

    async def revoke(self, claims: Claims, provider: str, key_name: str) -> None:
        """Put a secret out of force and wipe it; raises `core.errors.NotFound`."""
        async with self._database.transaction(claims) as connection:
            present = await repository.hold_newest(connection, provider, key_name)
            if present is None or present["status"] != "active":
                raise _missing()
            await repository.retire(connection, present["id"], "revoked")

    async def use(self, claims: Claims, provider: str, key_name: str) -> Credentials:
        """The plain values, for code of ours; noted. Raises `core.errors.NotFound`."""
        async with self._database.transaction(claims) as connection:
            present = await repository.active(connection, provider, key_name)
            if present is None or not _in_force(present):
                raise _missing()
            await repository.count_use(connection, present["id"])
            await record(connection, "api_key_accessed", "vault_key", present["id"], _named(present))
        return await self._opened(present)

    async def look(
        self, claims: Claims, provider: str, key_name: str, *, reveal: bool
    ) -> tuple[DictRow, Credentials]:
        """The last version and its plain values, which the caller masks unless ``reveal``.

        Values of what is no longer in force are gone. Raises `core.errors.NotFound`.
        """
        async with self._database.transaction(claims) as connection:
            present = await repository.newest(connection, provider, key_name)
            if present is None:
                raise _missing()
            if reveal:
                await record(connection, "api_key_accessed", "vault_key", present["id"], _named(present))
                await record(connection, "sensitive_data_access", "vault_key", present["id"], _named(present))
        return present, await self._opened(present) if present["ciphertext"] is not None else {}

    async def page(self, claims: Claims, limit: int, offset: int) -> tuple[list[DictRow], int]:
        """The last version of each secret, without its values, and how many there are."""
        async with self._database.transaction(claims) as connection:
            return await repository.page(connection, limit, offset)

    async def _insert(
        self,
        connection: Connection,
        claims: Claims,
        provider: str,
        key_name: str,
        version: int,
        credentials: Credentials,
        values: Mapping[str, Any],
    ) -> DictRow:
        address = Address(claims.organization_id or "", provider, key_name, version)
        await repository.hold_master(connection)
        sealed = seal_secret(await self._masters.newest(), orjson.dumps(dict(credentials)), address)
        return await repository.insert(
            connection,
            {
                **values,
                "id": new_id("vk"),
                "organization_id": claims.organization_id,
                "provider": provider,
                "key_name": key_name,
                "version": version,
                "master_id": sealed.master_id,
                "wrapped_key": sealed.wrapped_key,
                "ciphertext": sealed.ciphertext,
                "created_by": claims.user_id,
            },
        )

    async def _opened(self, row: DictRow) -> dict[str, str]:
        master = await self._masters.by_id(row["master_id"])
        sealed = Sealed(row["master_id"], bytes(row["wrapped_key"]), bytes(row["ciphertext"]))
        try:
            plain = unseal_secret(master, sealed, address_of(row))
        except SealBroken as fault:
            log.error("vault_secret_broken", secret_id=row["id"])
            raise Unavailable("This secret cannot be opened: it was changed at rest.") from fault
        opened: dict[str, str] = orjson.loads(plain)
        return opened


def address_of(row: DictRow) -> Address:
    """What a row's secret belongs to."""
    return Address(row["organization_id"], row["provider"], row["key_name"], row["version"])


def _in_force(row: DictRow) -> bool:
    expires_at = row["expires_at"]
    return row["status"] == "active" and (expires_at is None or expires_at > utc_now())


def _named(row: DictRow) -> dict[str, Any]:
    return {"provider": row["provider"], "key_name": row["key_name"], "version": row["version"]}


def _missing() -> NotFound:
    return NotFound("There is no such key")
