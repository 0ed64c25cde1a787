"""How often a lead may write."""

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import psycopg
import pytest

from core.clock import utc_now
from tests.api.conftest import Api, ServeApi, unlimited
from tests.api.organization import Organization

Limited = aiohttp.ClientSession


@pytest.fixture
async def limited(serve_api: ServeApi, api: Api, conninfo: str) -> AsyncIterator[Limited]:
    """A client of an application with tight limits, from an address that did nothing yet."""
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute("delete from app.rate_limits")
    settings = unlimited(Path(api.parts.settings.data_dir)).model_copy(
        update={"rate_limit_chat": "3/minute", "rate_limit_chat_address": "5/minute"}
    )
    jar = aiohttp.DummyCookieJar()
    async with serve_api(settings) as served, aiohttp.ClientSession(served.url, cookie_jar=jar) as session:
        yield session


async def _send(session: Limited, organization: Organization, handle: str) -> aiohttp.ClientResponse:
    body = {"campaign_code": organization.code, "instagram_handle": handle, "message": "Hi"}
    async with session.post("/api/chat", json=body) as answer:
        await answer.read()
        return answer


async def test_a_handle_is_limited_and_told_when_to_come_back(
    limited: Limited, organization: Organization
) -> None:
    for left in (2, 1, 0):
        answer = await _send(limited, organization, "@Tester")
        assert answer.status == 200
        assert answer.headers["X-RateLimit-Limit"] == "3"
        assert answer.headers["X-RateLimit-Remaining"] == str(left)
        assert answer.headers["X-RateLimit-Window"] == "60"
    answer = await _send(limited, organization, "tester")
    assert answer.status == 429
    assert answer.headers["X-RateLimit-Remaining"] == "0"
    assert 1 <= int(answer.headers["Retry-After"]) <= 61
    assert int(answer.headers["X-RateLimit-Reset"]) >= int(utc_now().timestamp())
    body = await answer.json()
    assert body["error"]["code"] == "RATE_LIMIT_EXCEEDED"


async def test_an_address_is_limited_over_all_its_handles(
    limited: Limited, organization: Organization
) -> None:
    statuses = [(await _send(limited, organization, f"lead{n}")).status for n in range(7)]
    assert statuses == [200] * 5 + [429] * 2


async def test_guests_do_not_share_a_limit(limited: Limited, organization: Organization) -> None:
    async def send(token: str | None) -> tuple[int, str | None]:
        body = {"campaign_code": organization.code, "message": "Hi", "lead_token": token}
        async with limited.post("/api/chat", json=body) as answer:
            found = await answer.json()
            return answer.status, found.get("lead_token")

    _, first = await send(None)
    _, second = await send(None)
    assert [(await send(first))[0] for _ in range(2)] == [200, 200]
    assert (await send(second))[0] == 200


async def test_an_empty_value_turns_a_limit_off(
    http: aiohttp.ClientSession, organization: Organization
) -> None:
    for _ in range(15):
        answer = await _send(http, organization, "tester")
        assert answer.status == 200
        assert "X-RateLimit-Limit" not in answer.headers
