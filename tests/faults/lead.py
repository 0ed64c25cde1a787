"""A lead whose connection breaks, and who reads on elsewhere."""

import asyncio
from dataclasses import dataclass, field

import aiohttp

from api.organizations.demo import DEMO_CODE
from core.identifiers import new_id
from tests.api.chat.talking import Told, parse


@dataclass(slots=True)
class Lead:
    """One conversation of one message, and what was seen of its reply."""

    message_id: str = field(default_factory=lambda: new_id("m"))
    accepted: bool = False
    thread_id: str = ""
    token: str = ""
    last_id: str = ""
    text: str = ""
    ended: bool = False

    async def say(self, url: str) -> None:
        """Send the message and read until the end, or until the connection breaks."""
        body = {"campaign_code": DEMO_CODE, "message": "Hello", "message_id": self.message_id}
        try:
            async with (
                aiohttp.ClientSession(url, cookie_jar=aiohttp.DummyCookieJar()) as session,
                session.post("/api/chat/stream", json=body) as answer,
            ):
                if answer.status != 200:
                    return
                self.accepted = True
                self.thread_id, self.token = answer.headers["X-Thread-Id"], answer.headers["X-Lead-Token"]
                await self._read(answer)
        except aiohttp.ClientError:
            return

    async def read_on(self, url: str, within_s: float) -> None:
        """Come back, through any process, until the reply has come to its end."""
        deadline = asyncio.get_running_loop().time() + within_s
        while not self.ended and asyncio.get_running_loop().time() < deadline:
            headers = {"X-Lead-Token": self.token, "Last-Event-ID": self.last_id or "1-1-0"}
            try:
                async with (
                    aiohttp.ClientSession(url, cookie_jar=aiohttp.DummyCookieJar()) as session,
                    session.get(
                        "/api/chat/stream", params={"thread_id": self.thread_id}, headers=headers
                    ) as answer,
                ):
                    if answer.status == 200:
                        await self._read(answer)
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.1)

    async def _read(self, answer: aiohttp.ClientResponse) -> None:
        pending = b""
        async for chunk in answer.content.iter_any():
            *whole, pending = (pending + chunk).split(b"\n\n")
            for event in parse(b"\n\n".join(whole)):
                self._take(event)

    def _take(self, event: Told) -> None:
        if event.kind == "error":
            return
        if event.data.get("type") == "reset":
            self.text = ""
        elif event.kind == "message":
            self.text += event.data["content"]
        self.last_id = event.id
        self.ended = event.kind == "done"
