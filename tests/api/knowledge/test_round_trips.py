"""What a turn asks of Postgres: so many round trips and no more, limits, documents and all."""

from collections.abc import AsyncIterator
from pathlib import Path
from time import monotonic

import aiohttp
import pytest
from psycopg.conninfo import make_conninfo

from api.chat import runner
from benchmarks.chat_systems import socket_path
from benchmarks.postgres_proxy import Counts, counting_proxy
from tests.api.chat.talking import say
from tests.api.conftest import Api, serving, unlimited
from tests.api.organization import Organization
from tests.standins.openai import openai_standin

OFTEN = "1000000/minute"


@pytest.fixture
async def counted(
    api: Api, conninfo: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[aiohttp.ClientSession, Counts]]:
    """The application behind a proxy that counts, its limits on, with a model that takes its time."""
    # It says that it lives while it starts, and not in the middle of a turn.
    monkeypatch.setattr(runner, "HEARTBEAT_S", 600.0)
    settings = unlimited(Path(api.parts.settings.data_dir)).model_copy(
        update={
            "rate_limit_chat": OFTEN,
            "rate_limit_chat_address": OFTEN,
            "rate_limit_chat_campaign": OFTEN,
        }
    )
    async with openai_standin() as model, counting_proxy(socket_path(conninfo)) as (port, counts):
        model.orders.ttft_ms, model.orders.tpot_ms, model.orders.tokens = 20, 20, 4
        behind = make_conninfo(conninfo, host="127.0.0.1", port=port)
        own = settings.model_copy(update={"openai_base_url": model.base_url})
        async with serving(own, behind) as running:
            jar = aiohttp.CookieJar(unsafe=True)
            async with aiohttp.ClientSession(running.url, cookie_jar=jar) as session:
                yield session, counts


async def round_trips(
    session: aiohttp.ClientSession, counts: Counts, code: str, message: str
) -> tuple[int, int]:
    """Those before the first token and those of the whole turn."""
    began = monotonic()
    body = {"campaign_code": code, "instagram_handle": "@tester", "message": message}
    async with session.post("/api/chat/stream", json=body) as answer:
        await answer.content.readuntil(b"event: message")
        first = monotonic()
        await answer.read()
    return counts.between(began, first), counts.between(began, monotonic())


async def test_a_turn_that_asks_nothing_of_the_documents(
    counted: tuple[aiohttp.ClientSession, Counts], knowing: Organization
) -> None:
    session, counts = counted
    await say(session, knowing.code, "Hi")
    assert await round_trips(session, counts, knowing.code, "I coach people in fitness") == (1, 2)
    assert [text for text in counts.statements if "app.accept_message" in text]


async def test_a_question_where_there_are_no_documents(
    counted: tuple[aiohttp.ClientSession, Counts], organization: Organization
) -> None:
    session, counts = counted
    await say(session, organization.code, "Hi")
    assert await round_trips(session, counts, organization.code, "Can I pay with PayPal?") == (1, 2)
    [gap] = [text for text in counts.statements if text.startswith("insert into knowledge_gaps")]
    assert counts.statements[gap] == 1


async def test_a_question_that_the_documents_answer(
    counted: tuple[aiohttp.ClientSession, Counts], knowing: Organization
) -> None:
    session, counts = counted
    await say(session, knowing.code, "Hi")
    assert await round_trips(session, counts, knowing.code, "Can I pay with PayPal?") == (3, 4)
    assert [text for text in counts.statements if "app.chunks_by_words" in text]
