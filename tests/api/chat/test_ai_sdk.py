"""`/api/chat/ai-sdk`: the protocol by hand, and the real npm packages."""

import asyncio
import contextlib
import shutil
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import aiohttp
import orjson
import pytest

from api.chat import ai_sdk
from api.chat.streams import Event
from core.errors import Unavailable
from tests.api.conftest import Api, ServeApi, unlimited
from tests.api.organization import Organization
from tests.api.payments.conftest import WANTS
from tests.standins.openai import openai_standin

TO_THE_CHECKOUT = ("Yes, I'm a fitness coach", WANTS)
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


class Hook:
    """A React application with `useChat`, in a process of its own."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._in, self._out = process.stdin, process.stdout

    def write(self, line: str) -> None:
        self._in.write(f"{line}\n".encode())

    async def until(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The first state shown that is ``wanted``."""
        async with asyncio.timeout(30):
            while line := await self._out.readline():
                state: dict[str, Any] = orjson.loads(line)
                if wanted(state):
                    return state
        raise AssertionError("the application ended")


def _is_ready(messages: int) -> Callable[[dict[str, Any]], bool]:
    return lambda state: state["status"] == "ready" and len(state["messages"]) == messages


def _text(message: dict[str, Any]) -> str:
    return "".join(part["text"] for part in message["parts"] if part["type"] == "text")


@contextlib.asynccontextmanager
async def _hook(url: str, code: str) -> AsyncIterator[Hook]:
    node = shutil.which("node")
    if node is None or not (NODE_TESTS / "node_modules" / "happy-dom").is_dir():
        pytest.skip("needs Node and `npm ci` in tests/node")
    process = await asyncio.create_subprocess_exec(
        *(node, str(NODE_TESTS / "use-chat-hook.mjs"), url, code),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=2**20,
    )
    hook = Hook(process)
    try:
        yield hook
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def test_use_chat_shows_what_the_lead_page_shows(api: Api, organization: Organization) -> None:
    async with _hook(api.url, organization.code) as hook:
        for count, said in enumerate(TO_THE_CHECKOUT, 1):
            hook.write(said)
            state = await hook.until(_is_ready(2 * count))
    assert state["error"] is None
    parts = {part["type"]: part for message in state["messages"] for part in message["parts"]}
    assert {"step-start", "text", "data-state", "data-checkout"} <= set(parts)
    assert parts["data-state"]["data"]["current_stage"] == "closing"
    assert "/pay/" in parts["data-checkout"]["data"]["url"]


async def test_use_chat_reads_on_after_a_lost_connection(
    serve_api: ServeApi, api: Api, organization: Organization
) -> None:
    async with openai_standin() as model:
        settings = unlimited(Path(api.parts.settings.data_dir)).model_copy(
            update={"openai_base_url": model.base_url}
        )
        model.orders.replies.append("Great that you are here. " * 8 + "What do you coach?")
        model.orders.hold_after = 4
        async with serve_api(settings) as served, _hook(served.url, organization.code) as hook:
            hook.write("cut")
            hook.write("Yes, I'm a fitness coach")
            lost = await hook.until(lambda state: state["status"] == "error")
            assert _text(lost["messages"][1])
            hook.write("resume")
            await hook.until(lambda state: state["status"] == "streaming")
            model.release()
            state = await hook.until(_is_ready(2))
    text = _text(state["messages"][1])
    assert text.count("What do you coach?") == 1
    assert text.startswith("Great that you are here. Great")
    assert len([part for part in state["messages"][1]["parts"] if part["type"] == "text"]) == 1


async def test_a_stream_that_breaks_ends_in_an_error() -> None:
    async def broken(fault: Exception | None) -> AsyncIterator[tuple[bytes, list[Event]]]:
        yield b"1-1-", [Event(2, "token", "Hi")]
        if fault is not None:
            raise fault

    for fault in (None, Unavailable("The database is away.")):
        told = b"".join([frame async for frame in ai_sdk.parts("lead-x", broken(fault), {})])
        kinds = [part["type"] for part in _parts(told)]
        assert kinds == ["start", "start-step", "text-start", "text-delta", "text-end", "error"]


async def test_every_kind_of_event_is_a_part() -> None:
    card = {"type": "checkout", "offer_id": "group", "url": "https://chat.example.com/pay/chk_1"}
    place = {"heading": None, "page": 2, "passage": "It costs 497 dollars."}
    source = {"document_id": "doc_1", "title": "Price list", **place}
    events = [
        Event(2, "token", "Hi"),
        Event(7, "token", " Mike"),
        Event(8, "state", {"type": "state", "current_stage": "closing"}),
        Event(9, "sources", {"type": "sources", "sources": [source]}),
        Event(10, "checkout", card),
        Event(11, "done", {"type": "complete", "metadata": {"current_stage": "closing"}}),
    ]

    async def told() -> AsyncIterator[tuple[bytes, list[Event]]]:
        yield b"3-1-", events[:1]
        yield b"3-1-", events[1:]

    parts = _parts(
        b"".join([frame async for frame in ai_sdk.parts("lead-x", told(), {"thread_id": "lead-x"})])
    )
    assert [part["type"] for part in parts] == [
        *("start", "start-step", "text-start", "text-delta", "text-delta"),
        *("data-state", "source-document", "data-checkout", "text-end", "finish-step", "finish"),
    ]
    assert parts[0]["messageId"] == "lead-x-3"
    assert parts[6] == {
        "type": "source-document",
        "sourceId": "doc_1-1",
        "mediaType": "text/plain",
        "title": "Price list",
        "providerMetadata": {"limitless": place},
    }
    assert parts[7]["data"] == card
