"""The rows of playbooks: a version is written once and never changed."""

from psycopg.rows import DictRow
from psycopg.types.json import Jsonb

from core.database.pool import Connection
from core.identifiers import new_id


async def current(connection: Connection, campaign_id: str | None) -> DictRow | None:
    """The newest version: the campaign's own where it has one, otherwise the organization's."""
    cursor = await connection.execute(
        "select * from playbooks where campaign_id = %s or campaign_id is null"
        " order by campaign_id nulls last, version desc limit 1",
        (campaign_id,),
    )
    return await cursor.fetchone()


async def by_id(connection: Connection, playbook_id: str) -> DictRow | None:
    """One version."""
    cursor = await connection.execute("select * from playbooks where id = %s", (playbook_id,))
    return await cursor.fetchone()


async def insert(
    connection: Connection,
    *,
    organization_id: str,
    campaign_id: str | None,
    content: dict[str, object],
    created_by: str | None,
) -> DictRow:
    """The next version. Two at once are numbered one after the other."""
    await connection.execute(
        "select pg_advisory_xact_lock(hashtextextended(%s, 0))",
        (f"playbook:{organization_id}:{campaign_id}",),
    )
    cursor = await connection.execute(
        "insert into playbooks (id, organization_id, campaign_id, version, content, created_by)"
        " select %s, %s, %s, coalesce(max(version), 0) + 1, %s, %s from playbooks"
        " where campaign_id is not distinct from %s returning *",
        (new_id("playbook"), organization_id, campaign_id, Jsonb(content), created_by, campaign_id),
    )
    row = await cursor.fetchone()
    assert row is not None  # noqa: S101 - an insert that returns
    return row
