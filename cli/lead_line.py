"""A lead's end of the line: sends what is said, and reads on after a lost connection."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any, Final, NamedTuple

import aiohttp
import orjson

from cli.lead_session import LeadSession, LeadSessions
from core.identifiers import new_id

TRIES: Final = 12
"""In a row and without a word between them, which is most of a minute."""
_TIMEOUT = aiohttp.ClientTimeout(total=None, sock_connect=5, sock_read=35)
"""The server's heartbeat comes every 15 seconds."""

Answer = AbstractAsyncContextManager[aiohttp.ClientResponse]
Ask = Callable[[aiohttp.ClientSession], Answer]


class Told(NamedTuple):
    """An event of the stream, or what happened to it: ``lost`` and ``refused``."""

    kind: str
    data: dict[str, Any]
    id: str = ""


class Lost(Exception):
    """The connection broke, or the server cannot answer just now."""


class LeadLine:
    """The conversation of one lead in one campaign."""

    def __init__(self, url: str, code: str, handle: str, sessions: LeadSessions, *, anew: bool) -> None:
        self._url = url
        self._code = code
        self._handle = handle
        self._sessions = sessions
        self._key = f"{url} {code} {handle}"
        self._session = LeadSession() if anew else sessions.load(self._key)

    @property
    def unanswered(self) -> str | None:
        """What was said before and has no whole reply yet."""
        return self._session.message

    async def refusal(self) -> str | None:
        """Why no conversation can begin here; None when one can."""
        async with self._http() as http, http.get(f"/api/campaigns/{self._code}/validate") as answer:
            return None if answer.status == 200 else await _fault(answer)

    async def history(self) -> dict[str, Any] | None:
        """The conversation so far; None when there is none, or none that is known here any more."""
        if self._session.token is None:
            return None
        query = {"campaign_code": self._code}
        async with self._http() as http, http.get("/api/chat/history", params=query) as answer:
            if answer.status != 200:
                self._session = LeadSession(message=self._session.message, message_id=new_id("m"))
                return None
            found: dict[str, Any] = await answer.json()
        if self._session.message_id in {message["message_id"] for message in found["messages"]}:
            self._session.message = self._session.message_id = None
        if found["running"]:
            self._session.last_event_id = found["running"]["last_event_id"]
        return found

    async def say(self, message: str) -> AsyncIterator[Told]:
        """Say something, and hear the reply; the same again when it could not be sent before."""
        if message != self._session.message:
            self._session.message, self._session.message_id = message, new_id("m")
        self._session.last_event_id = None
        self._keep()
        async for told in self._hear(self._post):
            yield told

    async def read_on(self) -> AsyncIterator[Told]:
        """The rest of the reply that runs."""
        async for told in self._hear(self._resume):
            yield told

    async def _hear(self, ask: Ask) -> AsyncIterator[Told]:
        tries = 0
        while True:
            try:
                async with self._http() as http, ask(http) as answer:
                    async for told in self._events(answer):
                        tries = 0
                        yield told
                return
            except (aiohttp.ClientError, TimeoutError, Lost):
                tries += 1
                if tries > TRIES:
                    raise
                if tries == 1:
                    yield Told("lost", {})
                await asyncio.sleep(min(5.0, 0.2 * 2**tries))
                # Once its stream has begun a message is written down: only the rest is asked for.
                ask = self._resume if self._session.last_event_id else self._post

    async def _events(self, answer: aiohttp.ClientResponse) -> AsyncIterator[Told]:
        """Until the reply is whole; raises `Lost` when the stream ends before it is."""
        if answer.status >= 500:
            raise Lost
        if answer.status not in (200, 204):
            yield Told("refused", {"message": await _fault(answer)})
            if answer.status == 401:
                self._session.token = None
        if answer.status == 200:
            self._session.token = answer.headers.get("X-Lead-Token", self._session.token)
            self._session.thread_id = answer.headers.get("X-Thread-Id", self._session.thread_id)
            self._keep()
            async for told in _parsed(answer):
                if told.kind == "error" and told.data["error"]["code"] == "SERVICE_UNAVAILABLE":
                    raise Lost
                self._session.last_event_id = told.id
                yield told
                if told.kind in ("done", "error"):
                    break
            else:
                raise Lost
        self._session.message = self._session.message_id = self._session.last_event_id = None
        self._keep()

    def _post(self, http: aiohttp.ClientSession) -> Answer:
        said = {"message": self._session.message, "message_id": self._session.message_id}
        body = {"campaign_code": self._code, "instagram_handle": self._handle, **said}
        return http.post("/api/chat/stream", json=body)

    def _resume(self, http: aiohttp.ClientSession) -> Answer:
        headers = {"Last-Event-ID": self._session.last_event_id or ""}
        query = {"thread_id": self._session.thread_id or ""}
        return http.get("/api/chat/stream", params=query, headers=headers)

    def _http(self) -> aiohttp.ClientSession:
        headers = {"X-Lead-Token": self._session.token} if self._session.token else {}
        return aiohttp.ClientSession(self._url, headers=headers, timeout=_TIMEOUT)

    def _keep(self) -> None:
        self._sessions.save(self._key, self._session)


async def _parsed(answer: aiohttp.ClientResponse) -> AsyncIterator[Told]:
    kind, event_id = "message", ""
    async for line in answer.content:
        name, _, value = line.decode().rstrip("\n").partition(": ")
        if name == "event":
            kind = value
        elif name == "id":
            event_id = value
        elif name == "data":
            yield Told(kind, orjson.loads(value), event_id)


async def _fault(answer: aiohttp.ClientResponse) -> str:
    """What the server's envelope says, or whatever stands there instead of one."""
    try:
        return str((await answer.json(content_type=None))["error"]["message"])
    except (ValueError, LookupError, TypeError):
        return f"{answer.url} answered {answer.status}."
