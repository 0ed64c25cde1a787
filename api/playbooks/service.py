"""Playbooks in versions: a conversation keeps the one that it began with."""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import DictRow

from agent.playbook.default import default_playbook
from agent.playbook.schema import Playbook
from agent.playbook.validation import validate
from api.playbooks import repository
from core.database import Claims, Database
from core.database.pool import Connection
from core.errors import NotFound
from core.security.principal import Principal

KEPT = 512


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a playbook."""

    id: str
    version: int
    campaign_id: str | None
    created_at: datetime
    playbook: Playbook


class Playbooks:
    """Reads and writes playbooks; versions never change, so those in use are kept in memory."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._kept: OrderedDict[str, Version] = OrderedDict()

    async def current(self, connection: Connection, campaign_id: str | None = None) -> Version:
        """The version that a new conversation begins with; an organization without one gets the default."""
        row = await repository.current(connection, campaign_id)
        if row is None:
            cursor = await connection.execute("select app.organization_id() as id")
            found = await cursor.fetchone()
            assert found is not None  # noqa: S101 - a select without from
            row = await repository.insert(
                connection,
                organization_id=found["id"],
                campaign_id=None,
                content=default_playbook().model_dump(mode="json"),
                created_by=None,
            )
        return self._keep(row)

    async def begin(self, organization_id: str) -> None:
        """Give an organization without a playbook the default one."""
        async with self._database.transaction(Claims.for_organization(organization_id)) as connection:
            await self.current(connection)

    async def version(self, organization_id: str, playbook_id: str) -> Version:
        """One version by its id."""
        kept = self._kept.get(playbook_id)
        if kept is not None:
            return kept
        async with self._database.transaction(Claims.for_organization(organization_id)) as connection:
            row = await repository.by_id(connection, playbook_id)
        if row is None:
            raise NotFound("No such playbook.")
        return self._keep(row)

    async def read(self, principal: Principal, campaign_id: str | None) -> Version:
        """What an owner sees."""
        async with self._database.transaction(_claims(principal)) as connection:
            await _check_campaign(connection, campaign_id)
            return await self.current(connection, campaign_id)

    async def replace(self, principal: Principal, document: object, campaign_id: str | None) -> Version:
        """A new version from an owner's document; raises `InvalidInput` with the faults' paths."""
        playbook = validate(document)
        async with self._database.transaction(_claims(principal)) as connection:
            await _check_campaign(connection, campaign_id)
            row = await repository.insert(
                connection,
                organization_id=principal.organization_id,
                campaign_id=campaign_id,
                content=playbook.model_dump(mode="json"),
                created_by=principal.user_id,
            )
        return self._keep(row)

    def _keep(self, row: DictRow) -> Version:
        kept = self._kept.get(row["id"])
        if kept is None:
            kept = self._kept[row["id"]] = Version(
                row["id"],
                row["version"],
                row["campaign_id"],
                row["created_at"],
                Playbook.model_validate(row["content"]),
            )
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return kept


def _claims(principal: Principal) -> Claims:
    return Claims.for_organization(principal.organization_id, principal.user_id)


async def _check_campaign(connection: Connection, campaign_id: str | None) -> None:
    if campaign_id is None:
        return
    cursor = await connection.execute("select from campaigns where id = %s", (campaign_id,))
    if await cursor.fetchone() is None:
        raise NotFound("No such campaign.", details={"campaign_id": campaign_id})
