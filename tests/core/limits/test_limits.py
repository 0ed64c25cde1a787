"""Counting in Postgres and in Redis: the same limits, whoever counts."""

import asyncio
import shutil
import socket
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import psycopg
import pytest
from pydantic import SecretStr

from core.clock import utc_now
from core.database import Database
from core.errors import InvalidInput, RateLimited, Unavailable
from core.identifiers import new_id
from core.limits import STANDING, Limit, Limits, limit
from core.limits.choice import open_limits
from core.settings import Settings

REDIS = shutil.which("redis-server")
needs_redis = pytest.mark.skipif(REDIS is None, reason="there is no redis-server on this machine")


class RedisServer:
    """A Redis of the test's own, which can be away for a while."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> SecretStr:
        return SecretStr(f"redis://127.0.0.1:{self.port}/0")

    def start(self) -> None:
        assert REDIS is not None
        options = {
            "port": self.port,
            "bind": "127.0.0.1",
            "save": "",
            "dir": self._folder,
            "loglevel": "warning",
        }
        arguments = [part for name, value in options.items() for part in (f"--{name}", str(value))]
        self._process = subprocess.Popen([REDIS, *arguments], stdout=subprocess.DEVNULL)
        while not self._listens():
            assert self._process.poll() is None

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


@pytest.fixture
def redis_server(tmp_path: Path) -> Iterator[RedisServer]:
    server = RedisServer(tmp_path)
    server.start()
    yield server
    server.stop()


@pytest.fixture(params=["postgres", pytest.param("redis", marks=needs_redis)])
async def two_processes(
    request: pytest.FixtureRequest, settings: Settings, database: Database
) -> AsyncIterator[tuple[Limits, Limits]]:
    """The limits of two processes of one installation, which share nothing else."""
    if request.param == "redis":
        server: RedisServer = request.getfixturevalue("redis_server")
        settings = settings.model_copy(update={"redis_url": server.url})
    async with AsyncExitStack() as stack:
        one, other = [await stack.enter_async_context(open_limits(settings, database)) for _ in range(2)]
        yield one, other


def fresh(allowed: int, window_s: int = 60) -> Limit:
    return Limit(new_id("limit"), allowed, window_s)


async def test_processes_count_together(two_processes: tuple[Limits, Limits]) -> None:
    one, other = two_processes
    wanted = fresh(2)
    await one.count(wanted)
    await other.count(wanted)
    for limits in (one, other):
        with pytest.raises(RateLimited) as refusal:
            await limits.count(wanted)
        assert 1 <= int(refusal.value.headers["Retry-After"]) <= 61
        assert refusal.value.details == {"limit": 2, "window_seconds": 60}


async def test_the_headers_say_how_it_stands(two_processes: tuple[Limits, Limits]) -> None:
    limits, wanted = two_processes[0], fresh(2)
    standing: dict[str, str] = {}
    STANDING.set(standing)
    for left in ("1", "0", "0"):
        try:
            await limits.count(wanted)
        except RateLimited:
            assert left == "0"
        assert (standing["X-RateLimit-Limit"], standing["X-RateLimit-Remaining"]) == ("2", left)
        assert standing["X-RateLimit-Window"] == "60"
        assert 0 < int(standing["X-RateLimit-Reset"]) - utc_now().timestamp() <= 62
    STANDING.set(None)


async def test_of_many_at_once_as_many_are_let_in_as_may(two_processes: tuple[Limits, Limits]) -> None:
    wanted = fresh(5)
    allowed = await asyncio.gather(*(two_processes[n % 2].allow(wanted) for n in range(20)))
    assert sum(allowed) == 5


async def test_a_window_ends(two_processes: tuple[Limits, Limits]) -> None:
    limits, wanted = two_processes[0], fresh(1, window_s=1)
    assert await limits.allow(wanted)
    while not await limits.allow(wanted):
        await asyncio.sleep(0.05)


async def test_what_the_first_limit_refuses_is_not_counted_against_the_others(
    two_processes: tuple[Limits, Limits],
) -> None:
    limits, tight, wide = two_processes[0], fresh(1), fresh(2)
    await limits.count(tight, wide)
    for _ in range(3):
        with pytest.raises(RateLimited):
            await limits.count(tight, wide)
    assert await limits.allow(wide)


async def test_the_first_refusal_of_a_window_says_so(two_processes: tuple[Limits, Limits]) -> None:
    limits, wanted, first = two_processes[0], fresh(1), []
    await limits.count(wanted)
    for _ in range(4):
        with pytest.raises(RateLimited) as refusal:
            await limits.count(wanted)
        first.append(refusal.value.first)
    assert first == [True, False, False, False]


async def test_what_is_forgotten_counts_anew(two_processes: tuple[Limits, Limits]) -> None:
    one, other = two_processes
    wanted = fresh(1)
    assert await one.allow(wanted)
    await other.forget(wanted)
    assert await one.allow(wanted)


@needs_redis
async def test_redis_says_how_it_is(
    settings: Settings, database: Database, redis_server: RedisServer
) -> None:
    in_redis = settings.model_copy(update={"redis_url": redis_server.url})
    async with open_limits(in_redis, database) as limits:
        figures = await limits.figures()
        assert figures is not None
        assert figures["connected_clients"] >= 1
        redis_server.stop()
        with pytest.raises(Unavailable):
            await limits.figures()
    async with open_limits(settings, database) as limits:
        assert await limits.figures() is None


def test_an_empty_text_turns_a_limit_off() -> None:
    assert limit("chat", "mike", " ") is None
    assert limit("chat", "mike", "100 per 2 hours") == Limit("chat:mike", 100, 7200)


@needs_redis
async def test_a_lost_redis_takes_nothing_down(
    settings: Settings, database: Database, redis_server: RedisServer, conninfo: str
) -> None:
    wanted = fresh(2)
    lost = settings.model_copy(update={"redis_url": redis_server.url})
    async with open_limits(lost, database) as limits:
        assert await limits.allow(wanted)
        redis_server.stop()
        assert [await limits.allow(wanted) for _ in range(3)] == [True, True, False]
        with psycopg.connect(conninfo) as connection:
            row = connection.execute(
                "select hits from app.rate_limits where key = %s", (wanted.key,)
            ).fetchone()
        assert row is not None
        limits._away_until = 0.0
        redis_server.start()
        assert await limits.allow(wanted), "Redis, which forgot, counts again"


@pytest.mark.parametrize("url", ["http://127.0.0.1", "127.0.0.1:6379"])
async def test_what_is_no_redis_is_refused_at_the_start(
    settings: Settings, database: Database, url: str
) -> None:
    pytest.importorskip("redis", reason="the redis package is not installed")
    wrong = settings.model_copy(update={"redis_url": SecretStr(url)})
    with pytest.raises(InvalidInput, match="REDIS_URL"):
        async with open_limits(wrong, database):
            pass
