"""The database goes away for a while, and comes back."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from api.organizations.demo import DEMO_CODE, ensure_demo
from core.database.embedded import EmbeddedPostgres
from core.database.migrations import migrate
from tests.api.chat.talking import say, text_of
from tests.api.conftest import Api, serving, unlimited
from tests.standins.openai import openai_standin

AWAY_S = 10.0


@pytest.fixture
async def own_postgres(tmp_path: Path) -> AsyncIterator[EmbeddedPostgres]:
    """A server that a test may stop."""
    server = EmbeddedPostgres(tmp_path)
    yield server
    await asyncio.to_thread(server.stop)


async def test_answers_503_and_the_first_turn_after_it_succeeds(
    own_postgres: EmbeddedPostgres, tmp_path: Path
) -> None:
    conninfo = await asyncio.to_thread(own_postgres.start)
    await asyncio.to_thread(migrate, conninfo)
    async with openai_standin() as model:
        settings = unlimited(tmp_path).model_copy(update={"openai_base_url": model.base_url})
        async with serving(settings, conninfo) as api, _browser(api) as session:
            await ensure_demo(api.parts.database, None, None)
            before = await say(session, DEMO_CODE, "Yes, I'm a fitness coach")

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


def _browser(api: Api) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(api.url, cookie_jar=aiohttp.CookieJar(unsafe=True))
