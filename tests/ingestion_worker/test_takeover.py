"""A worker is killed in the middle of a document; another ends what it began."""

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import psycopg
import pytest
from croniter import croniter  # type: ignore[import-untyped]

from core.database import Claims, Database
from core.jobs import connector, defer, jobs
from core.knowledge import documents
from core.settings import Settings
from core.storage.folder import FolderStorage
from ingestion_worker import worker
from ingestion_worker.maintenance import tasks as maintenance
from tests.knowledge.library import add_document, make_organization
from tests.standins.openai import openai_standin
from tests.standins.openai_orders import Fault

TEXT = "\n\n".join(
    f"Part {n}\n\nThe part number {n} of the course is about the number {n}." for n in range(600)
)


class Site:
    """A database and a folder that workers share, with one document in them."""

    def __init__(self, conninfo: str, folder: Path, database: Database, organization_id: str) -> None:
        self.conninfo = conninfo
        self.folder = folder
        self.database = database
        self.organization_id = organization_id
        self.claims = Claims.for_organization(organization_id)
        self.document_id = ""

    def settings(self) -> Settings:
        return Settings(_env_file=None, data_dir=self.folder)

    async def add(self, text: str) -> None:
        path = self.folder / "upload.txt"
        path.write_text(text)
        storage = FolderStorage(self.folder / "documents")
        self.document_id = await add_document(self.database, storage, self.organization_id, path)
        async with self.database.transaction(self.claims) as connection:
            named = {"organization_id": self.organization_id, "document_id": self.document_id}
            await documents.queued(
                connection, self.document_id, await defer(connection, "documents.ingest", **named)
            )

    async def until(self, condition: str) -> None:
        """Wait until the document's row fulfils ``condition``."""
        async with await psycopg.AsyncConnection.connect(self.conninfo, autocommit=True) as connection:
            while True:
                query = f"select ({condition}) from documents where id = %s"  # noqa: S608 - the test's own words
                found = await (await connection.execute(query, (self.document_id,))).fetchone()
                if found and found[0]:
                    return
                await asyncio.sleep(0.02)

    @contextlib.asynccontextmanager
    async def killed_worker(self, **environment: str) -> AsyncIterator[None]:
        """A worker of its own process, dead at the end."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            "from cli.main import app; app()",
            "worker",
            env={**os.environ, "DATABASE_URL": self.conninfo, "DATA_DIR": str(self.folder), **environment},
            cwd=self.folder,
            stderr=asyncio.subprocess.DEVNULL,
        )
        yield
        process.kill()
        await process.wait()

    async def take_over(self) -> None:
        """What a living worker does: find the dead one's jobs, and do them."""
        with pytest.MonkeyPatch.context() as patch, jobs.replace_connector(connector(self.conninfo)) as app:
            patch.setattr(maintenance, "STALLED_AFTER_S", 0)
            async with app.open_async():
                await maintenance.retry_stalled_jobs(0)
        working = asyncio.create_task(worker.run_worker(self.settings(), self.conninfo))
        await self.until("status in ('completed', 'failed')")
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)


@pytest.fixture
async def site(fresh_database: Callable[..., str], tmp_path: Path) -> AsyncIterator[Site]:
    conninfo = fresh_database(migrated=True)
    database = Database(conninfo, size=4)
    await database.open()
    yield Site(conninfo, tmp_path, database, await make_organization(database))
    await database.close()


async def killed_while_parsing(site: Site) -> None:
    await site.add(TEXT)
    async with site.killed_worker():
        await site.until("status = 'processing'")


async def killed_while_embedding(site: Site) -> None:
    await site.add(TEXT)
    async with openai_standin() as standin:
        standin.orders.faults.extend([Fault(hang=True)] * 3)
        async with site.killed_worker(OPENAI_BASE_URL=standin.base_url, OPENAI_API_KEY="sk-test"):
            await standin.called(1)


async def killed_while_storing(site: Site) -> None:
    """The chunks' table is held by somebody else, so that the worker waits inside its transaction."""
    await site.add("Part 1\n\nThe first part of the course.\n")
    async with await psycopg.AsyncConnection.connect(site.conninfo) as holder:
        await holder.execute("lock table chunks in exclusive mode")
        async with (
            site.killed_worker(),
            await psycopg.AsyncConnection.connect(site.conninfo, autocommit=True) as watcher,
        ):
            waits = "select from pg_locks where not granted and relation = 'chunks'::regclass"
            while await (await watcher.execute(waits)).fetchone() is None:
                await asyncio.sleep(0.02)


@pytest.mark.parametrize("kill", [killed_while_parsing, killed_while_embedding, killed_while_storing])
async def test_nothing_is_lost_or_doubled(kill: Callable[[Site], Awaitable[None]], site: Site) -> None:
    await kill(site)
    async with site.database.transaction(site.claims) as connection:
        left = await documents.by_id(connection, site.document_id)
    assert left is not None
    assert left.status == "processing"
    await site.take_over()
    async with site.database.transaction(site.claims) as connection:
        ended = await documents.by_id(connection, site.document_id)
    assert ended is not None
    assert (ended.status, ended.attempt) == ("completed", 2)
    rows = await site.database.fetch(
        site.claims,
        "select count(*) as chunks, count(distinct position) as places, count(e.chunk_id) as vectors"
        " from chunks c left join chunk_embeddings e on e.chunk_id = c.id",
    )
    assert rows == [dict.fromkeys(("chunks", "places", "vectors"), ended.total_chunks)]


def test_the_dead_are_found_within_90_seconds() -> None:
    periodic = {name: task for (name, _), task in jobs.periodic_registry.periodic_tasks.items()}
    cron = croniter(periodic["maintenance.retry_stalled_jobs"].cron)
    assert worker.HEARTBEAT_S * 3 <= maintenance.STALLED_AFTER_S
    assert maintenance.STALLED_AFTER_S + (cron.get_next() - cron.get_prev()) < 90
