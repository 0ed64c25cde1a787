"""SIGTERM: no new turns, running ones end within a bound, and every stream says how to go on."""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path

import aiohttp
import pytest

from api.organizations.demo import DEMO_CODE, ensure_demo
from core.database import Claims, Database
from tests.api.chat.talking import Told, parse, say, text_of
from tests.faults.processes import ApiProcess
from tests.faults.rounds import in_long_form
from tests.standins.openai import OpenAIStandin, openai_standin
from tests.standins.openai_frames import default_reply

BOUND_S = 8.0
"""Between the signal and the end of the process, with a turn that does not end by itself."""
LEADS = 6


@pytest.fixture
def conninfo(fresh_database: Callable[..., str]) -> str:
    """A database of a test's own: on a shared one somebody else would take over what a drain leaves."""
    return fresh_database(migrated=True)


@pytest.fixture
async def database(conninfo: str) -> AsyncIterator[Database]:
    """The same, for looking at it."""
    opened = Database(conninfo, size=2)
    await opened.open()
    yield opened
    await opened.close()


@pytest.fixture
async def model(database: Database) -> AsyncIterator[OpenAIStandin]:
    """A model that stops in the middle of each reply."""
    await ensure_demo(database, None, None)
    async with openai_standin(hold_after=3) as standin:
        yield standin


def _process(folder: Path, conninfo: str, model: OpenAIStandin, *arguments: str) -> ApiProcess:
    settings = {"OPENAI_BASE_URL": model.base_url}
    return ApiProcess(folder, conninfo, settings, command=("serve", "--no-worker", *arguments))


def _browser(process: ApiProcess) -> aiohttp.ClientSession:
    connector = aiohttp.TCPConnector(force_close=True)
    return aiohttp.ClientSession(process.url, cookie_jar=aiohttp.DummyCookieJar(), connector=connector)


class Listener:
    """A lead in the middle of a reply."""

    def __init__(self, answer: aiohttp.ClientResponse, begun: bytes) -> None:
        self.thread_id = answer.headers["X-Thread-Id"]
        self.headers = {"X-Lead-Token": answer.headers["X-Lead-Token"]}
        self._answer = answer
        self._begun = begun

    @classmethod
    async def begin(cls, session: aiohttp.ClientSession) -> "Listener":
        """Send a message, and hear the first of the reply."""
        answer = await session.post("/api/chat/stream", json={"campaign_code": DEMO_CODE, "message": "Hi"})
        return cls(answer, await answer.content.readuntil(b"\n\n"))

    async def rest(self) -> list[Told]:
        """The whole stream, once it has ended."""
        return parse(self._begun + await self._answer.read())

    async def read_on(self, session: aiohttp.ClientSession, heard: list[Told]) -> list[Told]:
        """What comes behind ``heard``."""
        headers = {**self.headers, "Last-Event-ID": heard[-1].id}
        params = {"thread_id": self.thread_id}
        async with session.get("/api/chat/stream", params=params, headers=headers) as answer:
            return parse(await answer.read())


def _says_reconnect(events: list[Told]) -> bool:
    last = events[-1]
    return last.kind == "error" and last.data["error"]["details"] == {"reconnect": True}


@in_long_form
async def test_a_turn_that_does_not_end_goes_on_elsewhere(
    model: OpenAIStandin, conninfo: str, tmp_path: Path
) -> None:
    async with _process(tmp_path / "a", conninfo, model) as first, _browser(first) as here:
        lead = await Listener.begin(here)
        stopping = asyncio.create_task(first.stop())
        async with asyncio.timeout(BOUND_S):
            while (refused := await _new_turn(here)) is None:
                await asyncio.sleep(0.02)
            assert refused["Retry-After"] == "1"
            heard = await lead.rest()
        assert _says_reconnect(heard)
        assert await stopping < BOUND_S
    async with _process(tmp_path / "b", conninfo, model) as second, _browser(second) as there:
        model.release()
        rest = await lead.read_on(there, heard)
    assert rest[0].data == {"type": "reset"}
    assert rest[-1].kind == "done"
    assert text_of(rest[1:]) == "".join(default_reply(40))


async def test_a_turn_that_ends_in_time_is_heard_to_its_end(
    model: OpenAIStandin, conninfo: str, tmp_path: Path
) -> None:
    async with _process(tmp_path / "a", conninfo, model) as process, _browser(process) as session:
        lead = await Listener.begin(session)
        assert process.process is not None
        process.process.send_signal(signal.SIGTERM)
        while await _new_turn(session) is None:
            await asyncio.sleep(0.02)
        model.release()
        heard = await lead.rest()
        assert heard[-1].kind == "done"
        assert text_of(heard) == "".join(default_reply(40))
        assert await process.process.wait() == 0


async def test_two_processes_on_one_port_drain_together(
    model: OpenAIStandin, conninfo: str, database: Database, tmp_path: Path
) -> None:
    async with (
        _process(tmp_path / "a", conninfo, model, "--workers", "2") as served,
        _browser(served) as session,
    ):
        leads = [await Listener.begin(session) for _ in range(LEADS)]
        assert await served.stop() < BOUND_S
        heard = [await lead.rest() for lead in leads]
    assert all(_says_reconnect(events) for events in heard)
    free = await database.fetch(Claims.nobody(), "select * from app.abandoned_turns(60, '', '{}')")
    abandoned = {row["conversation_id"] for row in free}
    assert {lead.thread_id for lead in leads} <= abandoned, "whoever comes next has them at once"


@in_long_form
async def test_who_follows_another_processs_turn_is_sent_back_to_it(
    model: OpenAIStandin, conninfo: str, tmp_path: Path
) -> None:
    async with (
        _process(tmp_path / "a", conninfo, model) as first,
        _process(tmp_path / "b", conninfo, model) as second,
        _browser(first) as here,
        _browser(second) as there,
    ):
        lead = await Listener.begin(here)
        # The reply comes in drops, so that the follower is never left in silence.
        model.orders.tpot_ms = 400
        model.release()
        headers = {**lead.headers, "Last-Event-ID": "1-1-1"}
        params = {"thread_id": lead.thread_id}
        async with there.get("/api/chat/stream", params=params, headers=headers) as follower:
            begun = await follower.content.readuntil(b"\n\n")
            stopping = asyncio.create_task(second.stop())
            assert _says_reconnect(parse(begun + await follower.read()))
        assert await stopping < BOUND_S
        model.orders.tpot_ms = 0
        assert (await lead.rest())[-1].kind == "done"
        assert (await say(here, DEMO_CODE, "Still there?"))[-1].kind == "done"


async def _new_turn(session: aiohttp.ClientSession) -> Mapping[str, str] | None:
    """The headers of a refusal; None when the message was taken."""
    body = {"campaign_code": DEMO_CODE, "message": "Me, too"}
    async with session.post("/api/chat/stream", json=body) as answer:
        if answer.status == 200:
            return None
        assert answer.status == 503
        assert (await answer.json())["error"]["code"] == "SERVICE_UNAVAILABLE"
        return answer.headers
