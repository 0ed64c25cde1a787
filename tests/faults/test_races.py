"""Many at once: on one thread, on one process, and while connections die under them."""

import asyncio
import contextlib
from pathlib import Path

import aiohttp
import psycopg

from core.database import Claims, Database
from core.errors import Unavailable
from tests.api.chat.talking import parse, say, text_of
from tests.api.conftest import Api, ServeApi, unlimited
from tests.api.organization import Organization
from tests.faults.rounds import LONG, ROUNDS
from tests.standins.openai import openai_standin

RACES = 200 if LONG else 4
STREAMS = 100


def _client(api: Api) -> aiohttp.ClientSession:
    connector = aiohttp.TCPConnector(limit=0)
    return aiohttp.ClientSession(api.url, cookie_jar=aiohttp.DummyCookieJar(), connector=connector)


async def _each_message_has_one_answer(database: Database, organization: Organization) -> None:
    claims = Claims.for_organization(organization.id)
    rows = await database.fetch(
        claims,
        "select (select count(*) from messages where role = 'human' and turn_id is null) as unanswered,"
        " (select count(*) from turns where status <> 'done') as open,"
        " (select count(*) from turns t where 1 <> (select count(*) from messages m"
        "  where m.turn_id = t.id and m.role = 'ai')) as not_once,"
        " (select count(*) from conversations c where total_messages <> (select count(*) from messages m"
        "  where m.conversation_id = c.id)) as miscounted",
    )
    assert rows[0] == {"unanswered": 0, "open": 0, "not_once": 0, "miscounted": 0}


async def test_five_messages_at_once_on_one_thread(
    api: Api, organization: Organization, database: Database
) -> None:
    async with _client(api) as session:
        for _ in range(RACES):
            began = await say(session, organization.code, "Hi")
            token = began[-1].data["lead_token"]
            streams = await asyncio.gather(
                *(say(session, organization.code, f"Message {n}", lead_token=token) for n in range(5))
            )
            assert all(events[-1].kind == "done" for events in streams)
    await _each_message_has_one_answer(database, organization)


async def test_a_hundred_streams_at_once(
    serve_api: ServeApi, api: Api, organization: Organization, database: Database
) -> None:
    async with openai_standin() as model:
        model.orders.ttft_ms, model.orders.tpot_ms = 50, 2
        settings = unlimited(Path(api.parts.settings.data_dir)).model_copy(
            update={"openai_base_url": model.base_url}
        )
        async with serve_api(settings) as served, _client(served) as session:
            streams = await asyncio.gather(
                *(
                    say(session, organization.code, "Hello", instagram_handle=f"lead{n}")
                    for n in range(STREAMS)
                )
            )
    assert all(events[-1].kind == "done" for events in streams)
    assert len({text_of(events) for events in streams}) == 1
    await _each_message_has_one_answer(database, organization)


async def test_connections_that_are_killed_cost_one_503_at_most(
    api: Api, organization: Organization, database: Database, conninfo: str
) -> None:
    refused = 0

    async def talk(session: aiohttp.ClientSession, n: int) -> None:
        nonlocal refused
        body = {
            "campaign_code": organization.code,
            "instagram_handle": f"lead{n}",
            "message": "Hello",
            "message_id": f"message-{organization.code}-{n:04}",
        }
        for attempt in range(2):
            async with session.post("/api/chat/stream", json=body) as answer:
                frames = await answer.read()
                if answer.status == 200 and parse(frames)[-1].kind == "done":
                    return
                assert answer.status in (200, 503), frames
            assert attempt == 0, "refused twice"
            refused += 1
            await asyncio.sleep(0.3)

    async with _client(api) as session:
        for round_ in range(3 * ROUNDS):
            talking = [asyncio.create_task(talk(session, round_ * 20 + n)) for n in range(20)]
            await asyncio.sleep(0.05)
            await asyncio.to_thread(_kill_all, conninfo)
            await asyncio.gather(*talking)
    with contextlib.suppress(Unavailable):
        # The test's own connections were killed, too.
        await database.fetch(Claims.nobody(), "select 1 as one")
    await _each_message_has_one_answer(database, organization)


def _kill_all(conninfo: str) -> None:
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid()"
            " and application_name = 'limitless'"
        )
