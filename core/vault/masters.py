"""The master keys of this process: derived once from the keyring, and again when a new one appears."""

import asyncio
import secrets

from core.database import Claims, Database
from core.errors import Unavailable
from core.identifiers import new_id
from core.vault import repository
from core.vault.cipher import SALT_BYTES, MasterKey, derive
from core.vault.keyring import Keyring
from core.vault.repository import Master


class Masters:
    """Finds master keys."""

    def __init__(self, database: Database, keyring: Keyring, iterations: int) -> None:
        self._database = database
        self._keyring = keyring
        self._iterations = iterations
        self._derived: dict[str, MasterKey] = {}
        self._ids: dict[str, str] = {}
        self._deriving = asyncio.Lock()

    async def newest(self) -> MasterKey:
        """The one to seal with, made when its secret has none yet."""
        key_id = self._keyring.newest().id
        if key_id not in self._ids:
            await self.derive_all()
        return self._derived[self._ids[key_id]]

    async def by_id(self, master_id: str) -> MasterKey:
        """The one that wrapped a secret; raises `core.errors.Unavailable` when its secret is not here."""
        if master_id not in self._derived:
            await self.derive_all()
        found = self._derived.get(master_id)
        if found is None:
            raise Unavailable("This secret's master key is missing; an operator must bring it back.")
        return found

    async def derive_all(self) -> None:
        """Derive what is on record and not yet known, and a new one for a secret that has none."""
        async with self._deriving:
            known = {secret.id: secret.key for secret in self._keyring.secrets()}
            async with self._database.transaction(Claims.for_maintenance()) as connection:
                newest = self._keyring.newest().id
                fresh = Master(new_id("master"), newest, secrets.token_bytes(SALT_BYTES), self._iterations)
                await repository.insert_master(connection, fresh)
                found = await repository.masters(connection)
            for master in found:
                if master.id not in self._derived and master.key_id in known:
                    secret = known[master.key_id]
                    key = await asyncio.to_thread(derive, secret, master.salt, master.iterations)
                    self._derived[master.id] = MasterKey(master.id, key)
                    self._ids[master.key_id] = master.id
