"""What must not be accepted, and leaves nothing behind."""

from typing import Any

import aiohttp
import pytest

from api.chat.schemas import MESSAGE_LIMIT
from core.database import Claims, Database
from tests.api.chat.talking import say
from tests.api.conftest import NewOrganization
from tests.api.organization import Organization


async def _counts(database: Database, organization: Organization) -> tuple[int, int, int]:
    rows = await database.fetch(
        Claims.for_organization(organization.id),
        "select (select count(*) from conversations) as c, (select count(*) from messages) as m,"
        " (select coalesce(sum(conversations), 0)::int from campaign_totals) as counted",
    )
    return rows[0]["c"], rows[0]["m"], rows[0]["counted"]


@pytest.mark.parametrize("path", ["/api/chat", "/api/chat/stream"])
@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"message": ""}, "message"),
        ({"message": " \n\t "}, "message"),
        ({"message": "x" * (MESSAGE_LIMIT + 1)}, "message"),
        ({"message": "a\x00b"}, "message"),
        ({"message": "bell\x07"}, "message"),
        ({"message": "\ud800"}, None),
        ({"message": 7}, "message"),
        ({"message": None}, "message"),
        ({"message": ["hi"]}, "message"),
        ({"instagram_handle": "no way!"}, "instagram_handle"),
        ({"instagram_handle": "a" * 31}, "instagram_handle"),
        ({"instagram_handle": "../etc"}, "instagram_handle"),
        ({"instagram_handle": ""}, "instagram_handle"),
        ({"message_id": "with space"}, "message_id"),
        ({"surprise": True}, "surprise"),
        ({"campaign_code": ""}, "campaign_code"),
    ],
)
async def test_a_bad_field_is_named_and_nothing_is_written(
    http: aiohttp.ClientSession,
    database: Database,
    organization: Organization,
    path: str,
    change: dict[str, Any],
    field: str | None,
) -> None:
    body = {"campaign_code": organization.code, "instagram_handle": "tester", "message": "Hi", **change}
    async with http.post(path, json=body) as answer:
        assert answer.status == 400
        found = await answer.json()
    assert found["success"] is False
    assert found["error"]["code"] == "INVALID_INPUT"
    assert set(found["error"]) == {
        "code",
        "message",
        "details",
        "request_id",
        "timestamp",
        "documentation_url",
    }
    if field is not None:
        assert found["error"]["details"]["errors"][0]["field"] == field
    assert await _counts(database, organization) == (0, 0, 0)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'"text"', b"\xff\xfe\x00", b'{"message": }'])
async def test_broken_json_is_bad_input(http: aiohttp.ClientSession, body: bytes) -> None:
    async with http.post("/api/chat", data=body, headers={"content-type": "application/json"}) as answer:
        assert answer.status == 400
        assert (await answer.json())["error"]["code"] == "INVALID_INPUT"


async def test_a_body_over_the_limit_is_not_read(
    http: aiohttp.ClientSession, database: Database, organization: Organization
) -> None:
    body = {"campaign_code": organization.code, "message": "x" * 70_000}
    async with http.post("/api/chat", json=body) as answer:
        assert answer.status == 413
        assert (await answer.json())["error"]["code"] == "PAYLOAD_TOO_LARGE"
    assert await _counts(database, organization) == (0, 0, 0)


async def test_a_body_without_a_length_is_bounded_too(http: aiohttp.ClientSession) -> None:
    async def endless() -> Any:
        for _ in range(100):
            yield b" " * 10_000

    async with http.post("/api/chat", data=endless()) as answer:
        assert answer.status == 413


async def test_the_longest_message_is_taken(http: aiohttp.ClientSession, organization: Organization) -> None:
    events = await say(http, organization.code, "\U0001f600" * MESSAGE_LIMIT)
    assert events[-1].kind == "done"


async def test_an_unknown_campaign(http: aiohttp.ClientSession) -> None:
    async with http.post("/api/chat", json={"campaign_code": "NOSUCH", "message": "Hi"}) as answer:
        assert answer.status == 404
        assert (await answer.json())["error"]["code"] == "CAMPAIGN_NOT_FOUND"


@pytest.mark.parametrize("path", ["/api/chat", "/api/chat/stream"])
async def test_a_forged_lead_token(
    stranger: aiohttp.ClientSession, database: Database, organization: Organization, path: str
) -> None:
    body = {"campaign_code": organization.code, "message": "Hi", "lead_token": "forged"}
    async with stranger.post(path, json=body) as answer:
        assert answer.status == 401
        assert (await answer.json())["error"]["code"] == "INVALID_TOKEN"
    cookies = {f"lead_{organization.code}": "forged"}
    async with stranger.post(path, json={**body, "lead_token": None}, cookies=cookies) as answer:
        assert answer.status == 401
        assert "Max-Age=0" in answer.headers["Set-Cookie"]
    assert await _counts(database, organization) == (0, 0, 0)


async def test_a_token_of_another_campaign(
    stranger: aiohttp.ClientSession, organization: Organization, new_organization: NewOrganization
) -> None:
    other = await new_organization()
    events = await say(stranger, other.code, "Hi")
    body = {
        "campaign_code": organization.code,
        "message": "Hi",
        "lead_token": events[-1].data["lead_token"],
    }
    async with stranger.post("/api/chat", json=body) as answer:
        assert answer.status == 401


async def test_a_thread_of_somebody_else(stranger: aiohttp.ClientSession, organization: Organization) -> None:
    first = await say(stranger, organization.code, "Hi")
    second = await say(stranger, organization.code, "Hi")
    body = {
        "campaign_code": organization.code,
        "message": "Hi",
        "thread_id": first[-1].data["thread_id"],
        "lead_token": second[-1].data["lead_token"],
    }
    async with stranger.post("/api/chat", json=body) as answer:
        assert answer.status == 404


async def test_a_handle_is_not_a_password(
    stranger: aiohttp.ClientSession, organization: Organization
) -> None:
    first = await say(stranger, organization.code, "Hi", instagram_handle="@FitCoach_Mike")
    second = await say(stranger, organization.code, "Hi", instagram_handle="fitcoach_mike")
    threads = {events[-1].data["thread_id"] for events in (first, second)}
    assert len(threads) == 2
    assert all(thread.startswith("lead-fitcoach_mike-") for thread in threads)


async def test_an_unknown_route_answers_in_the_envelope(http: aiohttp.ClientSession) -> None:
    for path, code in (("/api/nothing", 404), ("/api/chat/stream/more", 404)):
        async with http.get(path) as answer:
            assert answer.status == code
            assert (await answer.json())["error"]["code"] == "NOT_FOUND"
    async with http.delete("/api/chat") as answer:
        assert answer.status == 405
        assert (await answer.json())["success"] is False
