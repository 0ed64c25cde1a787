"""`/api/chat/ai-sdk`: the protocol by hand, and the real npm packages."""

import asyncio
import shutil
from pathlib import Path
from typing import Any

import aiohttp
import orjson
import pytest

from tests.api.conftest import Api
from tests.api.organization import Organization

NODE_TESTS = Path(__file__).parents[2] / "node"


def _request(organization: Organization, text: str, **more: Any) -> dict[str, Any]:
    message = {"id": "msg-0123456789abcdef", "role": "user", "parts": [{"type": "text", "text": text}]}
    return {
        "id": "chat-1",
        "messages": [message],
        "trigger": "submit-message",
        "campaign_code": organization.code,
        **more,
    }


def _parts(stream: bytes) -> list[dict[str, Any]]:
    frames = stream.decode().removesuffix("\n\n").split("\n\n")
    assert frames[-1] == "data: [DONE]"
    return [orjson.loads(frame.removeprefix("data: ")) for frame in frames[:-1]]


async def test_the_parts_come_in_their_order(http: aiohttp.ClientSession, organization: Organization) -> None:
    body = _request(organization, "Yes, I'm a fitness coach")
    async with http.post("/api/chat/ai-sdk", json=body) as answer:
        assert answer.status == 200
        assert answer.headers["x-vercel-ai-ui-message-stream"] == "v1"
        parts = _parts(await answer.read())
    kinds = [part["type"] for part in parts]
    assert kinds[:3] == ["start", "start-step", "text-start"]
    assert kinds[-2:] == ["finish-step", "finish"]
    assert kinds.index("text-end") > max(n for n, kind in enumerate(kinds) if kind == "text-delta")
    assert parts[0]["messageMetadata"]["thread_id"].startswith("lead-guest-")
    assert parts[-1]["messageMetadata"]["current_stage"] == "qualification"


async def test_the_same_message_again_is_the_same_reply(
    http: aiohttp.ClientSession, organization: Organization
) -> None:
    body = _request(organization, "Yes")
    seen = []
    for trigger in ("submit-message", "regenerate-message"):
        async with http.post("/api/chat/ai-sdk", json={**body, "trigger": trigger}) as answer:
            parts = _parts(await answer.read())
        seen.append("".join(part["delta"] for part in parts if part["type"] == "text-delta"))
    assert seen[0] == seen[1]


async def test_another_chat_of_the_same_browser_is_another_conversation(
    http: aiohttp.ClientSession, organization: Organization
) -> None:
    threads = set()
    for chat in ("chat-1", "chat-2"):
        body = _request(organization, "Yes", id=chat)
        body["messages"][0]["id"] = f"msg-{chat}"
        async with http.post("/api/chat/ai-sdk", json=body) as answer:
            threads.add(answer.headers["x-thread-id"])
            await answer.read()
    assert len(threads) == 2


async def test_there_is_nothing_to_resume(http: aiohttp.ClientSession, organization: Organization) -> None:
    async with http.get("/api/chat/ai-sdk/chat-1/stream") as answer:
        assert answer.status == 204
    async with http.post("/api/chat/ai-sdk", json=_request(organization, "Yes")) as answer:
        await answer.read()
    async with http.get("/api/chat/ai-sdk/chat-1/stream") as answer:
        assert answer.status == 204


@pytest.mark.parametrize(
    "change",
    [
        {"messages": []},
        {"messages": [{"id": "m", "role": "assistant", "parts": []}]},
        {"messages": [{"id": "m", "role": "user", "parts": [{"type": "text", "text": ""}]}]},
        {"messages": [{"id": "m", "role": "user", "parts": [{"type": "file", "url": "x"}]}]},
        {"campaign_code": None},
    ],
)
async def test_bad_input(
    http: aiohttp.ClientSession, organization: Organization, change: dict[str, Any]
) -> None:
    async with http.post("/api/chat/ai-sdk", json={**_request(organization, "Hi"), **change}) as answer:
        assert answer.status == 400
        assert (await answer.json())["error"]["code"] == "INVALID_INPUT"


async def test_a_long_conversation_is_not_too_large(
    http: aiohttp.ClientSession, organization: Organization
) -> None:
    body = _request(organization, "Hi")
    old = {"id": "m-old", "role": "assistant", "parts": [{"type": "text", "text": "x" * 4000}]}
    body["messages"] = [old] * 100 + body["messages"]
    async with http.post("/api/chat/ai-sdk", json=body) as answer:
        assert answer.status == 200
        await answer.read()


async def test_the_real_packages_hold_a_conversation(api: Api, organization: Organization) -> None:
    node = shutil.which("node")
    if node is None or not (NODE_TESTS / "node_modules" / "ai").is_dir():
        pytest.skip("needs Node and `npm ci` in tests/node")
    process = await asyncio.create_subprocess_exec(
        node, str(NODE_TESTS / "use-chat.mjs"), api.url, organization.code, stdout=asyncio.subprocess.PIPE
    )
    output, _ = await process.communicate()
    assert process.returncode == 0
    seen = orjson.loads(output)
    assert seen["errors"] == []
    assert seen["status"] == "ready"
    assert seen["roles"] == ["user", "assistant", "user", "assistant"]
    assert all(seen["texts"])
    assert {"step-start", "text"} <= set(seen["parts"])
    assert seen["thread"].startswith("lead-node_tester-")
    assert seen["stage"]
    assert seen["regeneratedIsTheSame"]
    assert seen["nothingToResume"]
