"""The routes of documents, as the terminal asks them."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp


@dataclass(frozen=True, slots=True)
class Labels:
    """What is said about each file."""

    category: str | None
    tags: Sequence[str]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server said."""

    status: int
    body: dict[str, Any]
    retry_after_s: int

    @property
    def message(self) -> str:
        """Its own words for a no."""
        return str(self.body["error"]["message"])


class Refused(Exception):
    """The server's own words for a no."""


class Server:
    """The server, asked with whatever the owner has: a key, or a password that a new token can be had for."""

    def __init__(
        self, session: aiohttp.ClientSession, api_key: str | None, email: str | None, password: str | None
    ) -> None:
        self._session = session
        self._login = {"email": email, "password": password}
        self._renewable = api_key is None
        if api_key:
            session.headers["X-API-Key"] = api_key

    async def log_in(self) -> None:
        """Get a token, if there is no key. Raises `Refused`."""
        if not self._renewable:
            return
        async with self._session.post("/api/v1/auth/login", json=self._login) as answer:
            found = await answer.json()
        if answer.status != 200:
            raise Refused(found["error"]["message"])
        self._session.headers["Authorization"] = f"Bearer {found['access_token']}"

    async def upload(self, path: Path, name: str, labels: Labels) -> Answer:
        """Send a file under a name."""

        async def send() -> Answer:
            with path.open("rb") as file:
                return await self._asked("POST", "/api/documents/upload", _form(name, file, labels))

        return await self._renewing(send)

    async def read(self, document_id: str) -> Answer:
        """How far a document is."""
        return await self._renewing(lambda: self._asked("GET", f"/api/documents/{document_id}"))

    async def _renewing(self, ask: Callable[[], Awaitable[Answer]]) -> Answer:
        """Who waits for a limit for an hour needs a new token."""
        answer = await ask()
        if answer.status == 401 and self._renewable:
            await self.log_in()
            answer = await ask()
        return answer

    async def _asked(self, method: str, path: str, data: aiohttp.FormData | None = None) -> Answer:
        async with self._session.request(method, path, data=data) as answer:
            return Answer(answer.status, await answer.json(), int(answer.headers.get("Retry-After", "60")))


def _form(name: str, file: Any, labels: Labels) -> aiohttp.FormData:
    form = aiohttp.FormData(quote_fields=False)
    for field, value in _described(labels):
        form.add_field(field, value)
    form.add_field("file", file, filename=name, content_type="application/octet-stream")
    return form


def _described(labels: Labels) -> Iterable[tuple[str, str]]:
    if labels.category:
        yield "category", labels.category
    for tag in labels.tags:
        yield "tags", tag
