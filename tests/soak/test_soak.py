"""An installation under steady load: what it holds at the end is what it held when it was warm.

`make soak` runs it for an hour, or SOAK_MINUTES; the short form in `make faults` is over before memory
says anything, and looks at the rest.
"""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from core.jobs import connector, jobs
from tests.faults.processes import ApiProcess, WorkerProcess
from tests.soak.figures import Figures, take_figures
from tests.soak.leads import Crowd, keep_documents_coming
from tests.standins.openai import openai_standin

MINUTES = float(os.environ.get("SOAK_MINUTES", "0"))
LONG = MINUTES >= 5
LEADS = 8
PAUSE_S = 2.0 if LONG else 0.2
SAMPLE_EVERY_S = 10.0
WARM_AFTER = 0.25
"""Share of the time after which the installation is taken to be warm."""
GROWTH = 1.10
SLACK = 3
"""Tasks, and descriptors, that may be under way even in a pause."""
CALLS_AT_ONCE = 4 * LEADS
"""A reply and its reading for every lead; and who hung up on one may have begun another."""
CHECKPOINT_BYTES = 64_000
OWNER = {"OWNER_EMAIL": "owner@example.com", "OWNER_PASSWORD": "correct-horse-battery-9"}

pytestmark = [
    pytest.mark.timeout(MINUTES * 60 + 180),
    pytest.mark.skipif(not MINUTES, reason="takes its time: make soak"),
]


class Site:
    """An API and a worker, each a process of its own, on one database."""

    def __init__(self, conninfo: str, api: ApiProcess, worker: WorkerProcess, model_port: int) -> None:
        self.conninfo = conninfo
        self.model_port = model_port
        self.api = api
        self.worker = worker

    async def figures(self) -> Figures:
        """What they hold now."""
        assert self.api.process is not None
        assert self.worker.process is not None
        processes = (self.api.process.pid, self.worker.process.pid)
        return await take_figures(self.api.url, self.conninfo, *processes, self.model_port)

    async def at_rest(self, crowd: Crowd) -> Figures:
        """What they hold when nothing is asked of them."""
        await crowd.rest()
        while (now := await self.figures()).running or now.rows["unfinished"]:
            await asyncio.sleep(0.1)
        # Whoever hung up is noticed with the next write, and what was written is let go of then.
        await asyncio.sleep(1)
        now = await self.figures()
        crowd.go_on()
        return now

    async def let_go(self) -> Figures:
        """Make all that happened a week old, and have the worker's periodic job let go of it."""
        with psycopg.connect(self.conninfo, autocommit=True) as connection:
            connection.execute("update turns set finished_at = finished_at - interval '8 days'")
        with jobs.replace_connector(connector(self.conninfo, size=2)) as app:
            async with app.open_async():
                await app.configure_task("retention.let_go").defer_async(timestamp=0)
        async with asyncio.timeout(60):
            while (now := await self.figures()).rows["logs"] or now.rows["jobs"]:
                await asyncio.sleep(0.2)
        return now


@pytest.fixture
async def site(fresh_database: Callable[..., str], tmp_path: Path) -> AsyncIterator[Site]:
    conninfo = fresh_database(migrated=True)
    async with AsyncExitStack() as stack:
        model = await stack.enter_async_context(openai_standin(ttft_ms=50, tpot_ms=5))
        data = {
            "DATA_DIR": str(tmp_path / "data"),
            "OPENAI_BASE_URL": model.base_url,
            "ACCESS_TOKEN_MINUTES": "1440",
            **OWNER,
        }
        api = await stack.enter_async_context(ApiProcess(tmp_path / "api", conninfo, {**data}))
        worker = await stack.enter_async_context(WorkerProcess(tmp_path / "worker", conninfo, {**data}))
        port = urlsplit(model.base_url).port
        assert port is not None
        yield Site(conninfo, api, worker, port)


async def test_nothing_grows(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    began = time.monotonic()

    def say(what: object) -> None:
        with capsys.disabled():
            print(f"{(time.monotonic() - began) / 60:6.1f} min  {what}", flush=True)

    crowd = Crowd(site.api.url, LEADS, PAUSE_S)
    async with _under_load(site, crowd):
        await asyncio.sleep(MINUTES * 60 * WARM_AFTER)
        warm = await site.at_rest(crowd)
        say(f"warm: {warm}")
        until = began + MINUTES * 60
        while (left := until - time.monotonic()) > 0:
            await asyncio.sleep(min(SAMPLE_EVERY_S, left))
            if LONG:
                say(await site.figures())
        end = await site.at_rest(crowd)
        say(f"end: {end}")
        say(", ".join(f"{count} {what}" for what, count in crowd.done.items()))
    kept = await site.let_go()
    say(f"a week later: {kept}")

    assert end.tasks <= warm.tasks + SLACK
    assert end.api_files <= warm.api_files + SLACK
    assert end.to_model <= CALLS_AT_ONCE
    assert end.worker_files <= warm.worker_files + SLACK
    assert end.rows["connections"] <= warm.rows["connections"] + LEADS
    assert end.rows["checkpoints"] == end.rows["conversations"]
    assert end.rows["writes"] == 0
    assert end.rows["largest"] < CHECKPOINT_BYTES
    assert kept.rows["logs"] == 0
    assert kept.rows["turns"] == end.rows["turns"]
    if LONG:
        assert end.api_mb < warm.api_mb * GROWTH
        assert end.worker_mb < warm.worker_mb * GROWTH


@asynccontextmanager
async def _under_load(site: Site, crowd: Crowd) -> AsyncIterator[None]:
    """Everybody talks, an owner uploads; whatever fails on their side fails the test."""
    every_s = 20.0 if LONG else 1.0
    documents = keep_documents_coming(
        site.api.url, OWNER["OWNER_EMAIL"], OWNER["OWNER_PASSWORD"], every_s, crowd.done
    )
    load = [asyncio.create_task(crowd.talk()), asyncio.create_task(documents)]
    try:
        yield
        for task in load:
            if task.done():
                task.result()
    finally:
        for task in load:
            task.cancel()
        await asyncio.gather(*load, return_exceptions=True)
