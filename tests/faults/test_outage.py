"""Postgres is gone for ten seconds and comes back: what runs goes on."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from api.organizations.demo import DEMO_CODE
from core.database.embedded import EmbeddedPostgres
from core.identifiers import new_id
from tests.api.chat.talking import say, text_of
from tests.faults.processes import ApiProcess
from tests.faults.rounds import LONG
from tests.standins.openai import openai_standin

AWAY_S = 10.0 if LONG else 2.0
JOBS_GO_ON_S = 45.0


@pytest.fixture
async def own_postgres(tmp_path: Path) -> AsyncIterator[EmbeddedPostgres]:
    """A server that a test may stop."""
    server = EmbeddedPostgres(tmp_path)
    yield server
    await asyncio.to_thread(server.stop)


async def test_turns_and_jobs_go_on(own_postgres: EmbeddedPostgres, tmp_path: Path) -> None:
    conninfo = await asyncio.to_thread(own_postgres.start)
    async with openai_standin() as model:
        settings = {"OPENAI_BASE_URL": model.base_url, "OPENAI_API_KEY": "none"}
        async with (
            ApiProcess(tmp_path / "served", conninfo, settings, command=("serve",)) as served,
            aiohttp.ClientSession(served.url, cookie_jar=aiohttp.CookieJar(unsafe=True)) as session,
        ):
            before = await say(session, DEMO_CODE, "Yes, I'm a fitness coach")
            await _mailed(session, served.folder)

            # The outage begins in the middle of a reply: the turn waits it out.
            model.orders.hold_after = 3
            held = asyncio.create_task(say(session, DEMO_CODE, "Strength coaching"))
            await model.called(len(model.calls) + 1)
            await asyncio.to_thread(own_postgres.stop)
            model.release()
            ends = asyncio.get_running_loop().time() + AWAY_S
            while asyncio.get_running_loop().time() < ends:
                body = {"campaign_code": DEMO_CODE, "message": "Anyone?"}
                async with session.post("/api/chat/stream", json=body) as answer:
                    assert answer.status == 503
                    error = (await answer.json())["error"]
                assert error["code"] == "SERVICE_UNAVAILABLE"
            await asyncio.to_thread(own_postgres.start)

            after = await say(session, DEMO_CODE, "Still there?")
            assert after[-1].kind == "done"
            assert text_of(after)
            assert (await held)[-1].kind == "done"
            assert after[-1].data["thread_id"] == before[-1].data["thread_id"]
            await _mailed(session, served.folder)
            assert await served.stop() < 10


async def _mailed(session: aiohttp.ClientSession, folder: Path) -> None:
    """Register, and wait for the mail that a job sends."""
    email = f"{new_id('r')}@example.com"
    body = {"email": email, "password": new_id("pw"), "full_name": "Rita"}
    async with session.post("/api/v1/auth/register", json=body) as answer:
        assert answer.status == 202, await answer.text()
    async with asyncio.timeout(JOBS_GO_ON_S):
        while not any(
            re.search(f"^To: {re.escape(email)}", mail.read_text(), re.MULTILINE)
            for mail in (folder / "data" / "mail").glob("*.eml")
        ):
            await asyncio.sleep(0.1)
