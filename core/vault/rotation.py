"""Going over to a new master key while everybody serves."""

from dataclasses import dataclass
from typing import Final

import structlog
from psycopg.rows import DictRow

from core.database import Claims, Database
from core.database.pool import Connection
from core.errors import Unavailable
from core.security.sealing import SealBroken
from core.settings import Settings
from core.vault import repository
from core.vault.cipher import MasterKey, rewrap
from core.vault.keyring import Keyring
from core.vault.masters import Masters
from core.vault.vault import address_of

BATCH: Final = 100
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Rotated:
    """What came of it: how many data keys were wrapped anew, and the ids of those that could not be."""

    done: int
    left: list[str]


async def rotate_master(database: Database, settings: Settings) -> Rotated:
    """Make a new master secret the newest and wrap every data key with it.

    Whoever is sealing at that moment is waited for; whoever seals afterwards finds the new one. The old
    ones are forgotten unless something is left. Raises `core.errors.Conflict` where VAULT_MASTER_KEYS gives
    no new one.
    """
    keyring = Keyring(settings)
    keyring.add()
    masters = Masters(database, keyring, settings.vault_iterations)
    newest = await masters.newest()
    async with database.transaction(Claims.for_maintenance()) as connection:
        await repository.await_sealing(connection)
    done, left, after = 0, [], ""
    while rows := await _batch(database, masters, newest, after):
        done += sum(rows.values())
        left += [secret_id for secret_id, wrapped in rows.items() if not wrapped]
        after = max(rows)
    async with database.transaction(Claims.for_maintenance()) as connection:
        await repository.delete_unused_masters(connection, newest.id)
    if not left:
        keyring.keep_newest()
    return Rotated(done, left)


async def _batch(database: Database, masters: Masters, newest: MasterKey, after: str) -> dict[str, bool]:
    """The next secrets by id, and whether each is wrapped by the newest key now."""
    async with database.transaction(Claims.for_maintenance()) as connection:
        rows = await repository.wrapped_by_others(connection, newest.id, after, BATCH)
        return {row["id"]: await _rewrap(connection, masters, newest, row) for row in rows}


async def _rewrap(connection: Connection, masters: Masters, newest: MasterKey, row: DictRow) -> bool:
    wrapped = row["wrapped_key"]
    if wrapped is not None:
        try:
            old = await masters.by_id(row["master_id"])
            wrapped = rewrap(old, newest, bytes(wrapped), address_of(row))
        except (SealBroken, Unavailable) as fault:
            log.error("vault_secret_not_rewrapped", secret_id=row["id"], reason=str(fault))
            return False
    await repository.rewrap(connection, row["id"], newest.id, wrapped)
    return True
