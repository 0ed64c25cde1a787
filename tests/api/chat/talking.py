"""Speaking the chat's protocol in tests."""

from dataclasses import dataclass
from typing import Any

import aiohttp
import orjson


@dataclass(frozen=True, slots=True)
class Told:
    """One event as it came over the wire."""

    id: str
    kind: str
    data: dict[str, Any]


def parse(frames: bytes) -> list[Told]:
    """The events in a stream's bytes; comments are passed over."""
    events = []
    for frame in frames.decode().split("\n\n"):
        lines = dict(line.split(": ", 1) for line in frame.splitlines() if not line.startswith(":"))
        if "data" in lines:
            events.append(Told(lines["id"], lines["event"], orjson.loads(lines["data"])))
    return events


def text_of(events: list[Told]) -> str:
    """The reply that the tokens make."""
    return "".join(e.data["content"] for e in events if e.kind == "message")


async def say(session: aiohttp.ClientSession, code: str, message: str, **more: Any) -> list[Told]:
    """Send one message and read its stream to the end."""
    body = {"campaign_code": code, "instagram_handle": "@tester", "message": message, **more}
    async with session.post("/api/chat/stream", json=body) as answer:
        frames = await answer.read()
        assert answer.status == 200, frames
    return parse(frames)
