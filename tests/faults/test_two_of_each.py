"""Two processes of the API and two workers on one database behave as one."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import LiteralString

import aiohttp
import pytest
from psycopg import AsyncConnection

from api.organizations.demo import DEMO_CODE
from core.database import Claims, Database
from core.identifiers import new_id
from tests.api.chat.talking import parse, say, text_of
from tests.faults.processes import ApiProcess, WorkerProcess
from tests.faults.rounds import LONG, in_long_form
from tests.standins.openai import OpenAIStandin, openai_standin
from tests.standins.openai_frames import default_reply
from tests.standins.smtp import MailServer, mail_server

RACES = 50 if LONG else 3
AT_ONCE = 5
MAILS = 8
ALLOWED = 20
AT_IT = (
    "select worker_id from jobs.procrastinate_jobs"
    " where status = 'doing' and task_name = 'accounts.send_registration'"
)


@dataclass(frozen=True, slots=True)
class Site:
    """The four, and what they talk to."""

    here: aiohttp.ClientSession
    there: aiohttp.ClientSession
    model: OpenAIStandin
    mail: MailServer


@pytest.fixture(scope="module")
async def site(
    conninfo: str, database: Database, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Site]:
    folder: Path = tmp_path_factory.mktemp("site")
    async with AsyncExitStack() as stack:
        model = await stack.enter_async_context(openai_standin())
        mail = await stack.enter_async_context(mail_server())
        settings = {
            "OPENAI_BASE_URL": model.base_url,
            "SMTP_URL": f"smtp://127.0.0.1:{mail.port}?starttls=no",
        }
        apis = [ApiProcess(folder / name, conninfo, {**settings}) for name in ("a", "b")]
        workers = [WorkerProcess(folder / name, conninfo, {**settings}) for name in ("c", "d")]
        await asyncio.gather(*(stack.enter_async_context(one) for one in (*apis, *workers)))
        here, there = [
            await stack.enter_async_context(
                aiohttp.ClientSession(one.url, cookie_jar=aiohttp.DummyCookieJar())
            )
            for one in apis
        ]
        yield Site(here, there, model, mail)


async def _demo(database: Database) -> Claims:
    found = await database.fetch(Claims.nobody(), "select * from app.campaign_by_code(%s)", (DEMO_CODE,))
    return Claims.for_organization(found[0]["organization_id"])


async def test_turns_of_one_thread_come_one_after_the_other(site: Site, database: Database) -> None:
    site.model.orders.ttft_ms = 5
    for _ in range(RACES):
        began = await say(site.here, DEMO_CODE, "Hi")
        thread, token = began[-1].data["thread_id"], began[-1].data["lead_token"]
        streams = await asyncio.gather(
            *(
                say((site.here, site.there)[n % 2], DEMO_CODE, f"Message {n}", lead_token=token)
                for n in range(AT_ONCE)
            )
        )
        assert all(events[-1].kind == "done" for events in streams)
        claims = await _demo(database)
        turns = await database.fetch(
            claims,
            "select status, started_at, finished_at, lag(finished_at) over (order by seq) as before,"
            " (select count(*) from messages m where m.turn_id = t.id and m.role = 'human') as questions,"
            " (select count(*) from messages m where m.turn_id = t.id and m.role = 'ai') as answers"
            " from turns t where conversation_id = %s order by seq",
            (thread,),
        )
        assert sum(turn["questions"] for turn in turns) == AT_ONCE + 1
        assert all(turn["status"] == "done" and turn["answers"] == 1 for turn in turns)
        assert all(turn["before"] is None or turn["before"] <= turn["started_at"] for turn in turns)
    runners = await database.fetch(claims, "select count(distinct runner_id) as n from turns")
    assert runners[0]["n"] >= 2


async def test_a_stream_is_replayed_through_the_other_process(site: Site) -> None:
    site.model.orders.hold_after = 5
    body = {"campaign_code": DEMO_CODE, "message": "Hi"}
    async with site.here.post("/api/chat/stream", json=body) as answer:
        begun = await answer.content.readuntil(b"\n\n")
        headers = {"X-Lead-Token": answer.headers["X-Lead-Token"], "Last-Event-ID": "1-1-3"}
        params = {"thread_id": answer.headers["X-Thread-Id"]}
        async with site.there.get("/api/chat/stream", params=params, headers=headers) as follower:
            live = await follower.content.readuntil(b"\n\n")
            site.model.release()
            whole, rest = parse(begun + await answer.read()), parse(live + await follower.read())
    # And once more, when it has ended: from its row.
    async with site.there.get("/api/chat/stream", params=params, headers=headers) as follower:
        again = parse(await follower.read())
    assert text_of(whole) == "".join(default_reply(40))
    assert text_of(rest) == text_of(again) == text_of(whole)[3:]
    assert rest[-1].id == again[-1].id == whole[-1].id


async def test_a_job_is_done_by_one_worker(site: Site, conninfo: str) -> None:
    alive = "select id from jobs.procrastinate_workers where last_heartbeat > now() - interval '12 seconds'"
    while len(await _ids(conninfo, alive)) < 2:
        await asyncio.sleep(0.1)
    # Longer than it takes to ask for the next ones: one worker's hands are full.
    site.mail.latency_s = 1.5
    people = [f"{new_id('p')}@example.com" for _ in range(MAILS)]
    for email in people:
        body = {"email": email, "password": new_id("pw"), "full_name": "Pat"}
        async with site.here.post("/api/v1/auth/register", json=body) as answer:
            assert answer.status == 202
    seen: set[int] = set()
    async with asyncio.timeout(30):
        while len(site.mail.received) < MAILS or len(seen) < 2:
            seen |= await _ids(conninfo, AT_IT)
            await asyncio.sleep(0.05)
    assert sorted(str(mail["To"]) for mail in site.mail.received) == sorted(people)


async def _ids(conninfo: str, query: LiteralString) -> set[int]:
    async with await AsyncConnection.connect(conninfo) as connection:
        return {row[0] for row in await (await connection.execute(query)).fetchall()}


@in_long_form
async def test_limits_count_for_all_processes(conninfo: str, tmp_path: Path) -> None:
    settings = {"RATE_LIMIT_CHAT_ADDRESS": f"{ALLOWED}/hour"}
    async with (
        ApiProcess(tmp_path / "a", conninfo, {**settings}) as first,
        ApiProcess(tmp_path / "b", conninfo, {**settings}) as second,
        aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session,
    ):
        statuses = await asyncio.gather(
            *(_status(session, (first, second)[n % 2].url) for n in range(ALLOWED + 6))
        )
    assert sorted(statuses) == [200] * ALLOWED + [429] * 6


async def _status(session: aiohttp.ClientSession, url: str) -> int:
    body = {"campaign_code": DEMO_CODE, "message": "Hi"}
    async with session.post(f"{url}/api/chat/stream", json=body) as answer:
        await answer.read()
        return answer.status
