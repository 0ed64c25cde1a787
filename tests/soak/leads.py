"""Leads and an owner who keep an installation busy for as long as it takes, not all of them politely."""

import asyncio
import random
from collections import Counter
from dataclasses import dataclass, field

import aiohttp

from api.organizations.demo import DEMO_CODE
from core.identifiers import new_id
from tests.api.chat.talking import parse
from tests.api.documents.conftest import form

LONGEST = 40
"""Messages of one conversation at most."""
LINES = (
    "Hi, I saw your ad.",
    "Yes, I'm a fitness coach.",
    "About 12,000 a month.",
    "Mostly Instagram, and a bit of word of mouth.",
    "How does it work exactly?",
    "That is too expensive for me.",
    "Who have you done this for?",
    "Let me think about it.",
)


@dataclass(slots=True)
class Crowd:
    """So many leads at once, each with pauses of ``pause_s`` at most; ``done`` counts what they did."""

    url: str
    leads: int
    pause_s: float
    chance: random.Random = field(default_factory=lambda: random.Random(7))
    done: Counter[str] = field(default_factory=Counter)
    calm: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the crowd shall pause: everybody ends the turn that is under way, and waits."""
    _resting: int = 0

    async def talk(self) -> None:
        """Talk until cancelled."""
        async with (
            aiohttp.ClientSession(
                self.url,
                cookie_jar=aiohttp.DummyCookieJar(),
                # Nobody's connection outlives what it was opened for: it is the server's that are counted.
                connector=aiohttp.TCPConnector(limit=0, force_close=True),
            ) as session,
            asyncio.TaskGroup() as together,
        ):
            for _ in range(self.leads):
                together.create_task(self._converse_on_and_on(session))

    async def rest(self) -> None:
        """Let the crowd pause, and wait until everybody does."""
        self.calm.set()
        while self._resting < self.leads:
            await asyncio.sleep(0.05)

    def go_on(self) -> None:
        """End the pause."""
        self.calm.clear()

    async def _converse_on_and_on(self, session: aiohttp.ClientSession) -> None:
        while True:
            token: str | None = None
            for _ in range(self.chance.randint(1, LONGEST)):
                await self._pause()
                token = await self._say(session, token)
            self.done["conversations"] += 1

    async def _pause(self) -> None:
        if self.calm.is_set():
            self._resting += 1
            while self.calm.is_set():
                await asyncio.sleep(0.05)
            self._resting -= 1
        await asyncio.sleep(self.chance.uniform(0, self.pause_s))

    async def _say(self, session: aiohttp.ClientSession, token: str | None) -> str:
        body = {
            "campaign_code": DEMO_CODE,
            "message": self.chance.choice(LINES),
            "message_id": new_id("m"),
            **({"lead_token": token} if token else {}),
        }
        manners = self.chance.random()
        async with session.post("/api/chat/stream", json=body) as answer:
            assert answer.status == 200, await answer.text()
            token = token or answer.headers["X-Lead-Token"]
            if manners < 0.3:
                heard = await answer.content.readuntil(b"\n\n")
                # Hangs up in the middle of the reply.
            else:
                heard = await answer.read()
                assert parse(heard)[-1].kind == "done", heard
        self.done["turns"] += 1
        if manners < 0.2:
            await self._read_on(session, answer.headers["X-Thread-Id"], token, parse(heard)[-1].id)
        elif manners < 0.3:
            self.done["left"] += 1
        return token

    async def _read_on(self, session: aiohttp.ClientSession, thread: str, token: str, last: str) -> None:
        headers = {"X-Lead-Token": token, "Last-Event-ID": last}
        async with session.get("/api/chat/stream", params={"thread_id": thread}, headers=headers) as answer:
            heard = await answer.read()
            assert answer.status == 204 or parse(heard)[-1].kind == "done", heard
        self.done["read on"] += 1


async def keep_documents_coming(
    url: str, email: str, password: str, every_s: float, done: Counter[str]
) -> None:
    """An owner who uploads a document, waits until it is ready and deletes it, until cancelled."""
    async with aiohttp.ClientSession(url) as session:
        async with session.post("/api/v1/auth/login", json={"email": email, "password": password}) as answer:
            session.headers["Authorization"] = f"Bearer {(await answer.json())['access_token']}"
        while True:
            text = f"# {new_id('doc')}\n\n" + "\n\n".join(f"Part {n} costs {n} dollars." for n in range(50))
            async with session.post("/api/documents/upload", data=form(text.encode())) as answer:
                assert answer.status == 201, await answer.text()
                document = (await answer.json())["document"]["id"]
            while True:
                async with session.get(f"/api/documents/{document}") as answer:
                    if (await answer.json())["processing_status"] == "completed":
                        break
                await asyncio.sleep(0.2)
            async with session.delete(f"/api/documents/{document}") as answer:
                assert answer.status == 200, await answer.text()
            done["documents"] += 1
            await asyncio.sleep(every_s)
