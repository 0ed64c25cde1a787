"""`POST /api/chat/stream` and reading on."""

import asyncio

import aiohttp

from tests.api.chat.talking import parse, say, text_of
from tests.api.conftest import Api
from tests.api.organization import Organization


class TestStreamChat:
    async def test_ends_in_done_with_every_event_numbered(
        self, http: aiohttp.ClientSession, organization: Organization
    ) -> None:
        events = await say(http, organization.code, "Yes, I'm a fitness coach")
        assert events[-1].kind == "done"
        assert events[-1].data["type"] == "complete"
        assert events[-1].data["thread_id"].startswith("lead-tester-")
        positions = [int(e.id.split("-")[2]) for e in events]
        assert positions == sorted(set(positions))
        assert all(e.id.startswith("1-1-") for e in events)
        assert text_of(events).strip()

    async def test_the_same_message_id_is_the_same_turn(
        self, http: aiohttp.ClientSession, organization: Organization
    ) -> None:
        first = await say(http, organization.code, "Yes", message_id="m1")
        again = await say(http, organization.code, "Yes", message_id="m1")
        assert text_of(again) == text_of(first)
        assert again[-1].id == first[-1].id
        transcript = await _transcript(http, organization, first[-1].data["thread_id"])
        assert [m["role"] for m in transcript] == ["ai", "human", "ai"]

    async def test_another_text_under_a_message_id_is_a_conflict(
        self, http: aiohttp.ClientSession, organization: Organization
    ) -> None:
        await say(http, organization.code, "Yes", message_id="m1")
        body = {
            "campaign_code": organization.code,
            "instagram_handle": "tester",
            "message": "No",
            "message_id": "m1",
        }
        async with http.post("/api/chat/stream", json=body) as answer:
            assert answer.status == 409
            assert (await answer.json())["error"]["code"] == "CONFLICT"

    async def test_a_first_message_sent_again_without_its_cookie_finds_its_conversation(
        self, stranger: aiohttp.ClientSession, organization: Organization
    ) -> None:
        message_id = "0b9f3c1e-7d64-4c39-9a5b-2f6c0d9e8a71"
        first = await say(stranger, organization.code, "Yes", message_id=message_id)
        again = await say(stranger, organization.code, "Yes", message_id=message_id)
        assert again[-1].data["thread_id"] == first[-1].data["thread_id"]
        assert text_of(again) == text_of(first)

    async def test_a_client_that_goes_away_loses_nothing(
        self, http: aiohttp.ClientSession, organization: Organization
    ) -> None:
        body = {"campaign_code": organization.code, "instagram_handle": "tester", "message": "Yes"}
        async with http.post("/api/chat/stream", json=body) as answer:
            thread_id = answer.headers["X-Thread-Id"]
        while len(found := await _transcript(http, organization, thread_id)) < 3:
            await asyncio.sleep(0.02)
        assert [m["role"] for m in found] == ["ai", "human", "ai"]

    async def test_messages_at_once_are_answered_once_each_or_together(
        self, http: aiohttp.ClientSession, organization: Organization
    ) -> None:
        first = await say(http, organization.code, "Yes, I'm a fitness coach")
        thread_id = first[-1].data["thread_id"]
        texts = [f"I have {n} clients" for n in range(5)]
        streams = await asyncio.gather(*(say(http, organization.code, text) for text in texts))
        assert all(events[-1].kind == "done" for events in streams)
        transcript = await _transcript(http, organization, thread_id)
        said = [m["content"] for m in transcript if m["role"] == "human"]
        assert sorted(said[1:]) == texts
        turns = {events[-1].id.split("-")[0] for events in streams}
        assert sum(m["role"] == "ai" for m in transcript) == 2 + len(turns)


class TestResumeChat:
    async def test_gives_the_rest_from_any_position(
        self, http: aiohttp.ClientSession, organization: Organization
    ) -> None:
        events = await say(http, organization.code, "Yes, I'm a fitness coach")
        thread_id, whole = events[-1].data["thread_id"], text_of(events)
        for position in (0, 1, len(whole) // 2, len(whole)):
            async with http.get(
                "/api/chat/stream",
                params={"thread_id": thread_id},
                headers={"Last-Event-ID": f"1-1-{position}"},
            ) as answer:
                assert answer.status == 200
                rest = parse(await answer.read())
            assert text_of(rest) == whole[position:]
            assert rest[-1].id == events[-1].id
            assert rest[-1].data["metadata"] == events[-1].data["metadata"]

    async def test_answers_204_when_nothing_was_missed(
        self, http: aiohttp.ClientSession, organization: Organization
    ) -> None:
        events = await say(http, organization.code, "Yes")
        for headers in ({}, {"Last-Event-ID": events[-1].id}):
            async with http.get(
                "/api/chat/stream", params={"thread_id": events[-1].data["thread_id"]}, headers=headers
            ) as answer:
                assert answer.status == 204

    async def test_what_was_read_of_a_void_run_is_taken_back(
        self, http: aiohttp.ClientSession, organization: Organization
    ) -> None:
        events = await say(http, organization.code, "Yes")
        async with http.get(
            "/api/chat/stream",
            params={"thread_id": events[-1].data["thread_id"]},
            headers={"Last-Event-ID": "1-0-5"},
        ) as answer:
            rest = parse(await answer.read())
        assert rest[0].data == {"type": "reset"}
        assert text_of(rest[1:]) == text_of(events)

    async def test_needs_the_session_of_the_thread(
        self,
        api: Api,
        http: aiohttp.ClientSession,
        stranger: aiohttp.ClientSession,
        organization: Organization,
    ) -> None:
        events = await say(http, organization.code, "Yes")
        thread_id = events[-1].data["thread_id"]
        async with stranger.get("/api/chat/stream", params={"thread_id": thread_id}) as answer:
            assert answer.status == 401
            assert (await answer.json())["error"]["code"] == "UNAUTHORIZED"
        headers = {"X-Lead-Token": "forged"}
        async with stranger.get(
            "/api/chat/stream", params={"thread_id": thread_id}, headers=headers
        ) as answer:
            assert (await answer.json())["error"]["code"] == "INVALID_TOKEN"
        other = await say(stranger, organization.code, "Yes")
        headers = {"X-Lead-Token": other[-1].data["lead_token"]}
        async with stranger.get(
            "/api/chat/stream", params={"thread_id": thread_id}, headers=headers
        ) as answer:
            assert answer.status == 404


async def _transcript(
    http: aiohttp.ClientSession, organization: Organization, thread_id: str
) -> list[dict[str, str]]:
    path = f"/api/conversations/{thread_id}/transcript"
    async with http.get(path, headers=organization.bearer) as answer:
        assert answer.status == 200
        found: list[dict[str, str]] = (await answer.json())["messages"]
        return found
