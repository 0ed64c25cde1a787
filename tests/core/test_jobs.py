"""Jobs know which request asked for them."""

from collections.abc import Iterator
from typing import Any

import pytest
from structlog.contextvars import get_contextvars

from core.database import Claims, Database
from core.jobs import connector, defer, jobs
from core.origin import ORIGIN, Origin

SEEN: list[tuple[dict[str, Any], dict[str, Any]]] = []


@jobs.task(name="tests.take_note", queue="tests")
async def take_note(**arguments: Any) -> None:
    SEEN.append((arguments, dict(get_contextvars())))


@pytest.fixture
def _asked_for() -> Iterator[None]:
    token = ORIGIN.set(Origin("203.0.113.7", "a browser", "req_of_this_test"))
    yield
    ORIGIN.reset(token)


async def _done(database: Database, conninfo: str) -> tuple[dict[str, Any], dict[str, Any]]:
    async with database.transaction(Claims.nobody()) as connection:
        await defer(connection, "tests.take_note", request_id="a name that tasks may use themselves")
    with jobs.replace_connector(connector(conninfo)) as app:
        async with app.open_async():
            await app.run_worker_async(wait=False, install_signal_handlers=False, queues=["tests"])
    return SEEN.pop()


@pytest.mark.usefixtures("_asked_for")
async def test_what_a_job_logs_names_the_request_and_the_job(database: Database, conninfo: str) -> None:
    arguments, named = await _done(database, conninfo)
    assert arguments == {"request_id": "a name that tasks may use themselves"}
    assert (named["request_id"], named["task"]) == ("req_of_this_test", "tests.take_note")
    assert named["job_id"] > 0


async def test_what_no_request_asked_for_names_none(database: Database, conninfo: str) -> None:
    _, named = await _done(database, conninfo)
    assert named["task"] == "tests.take_note"
    assert "request_id" not in named
