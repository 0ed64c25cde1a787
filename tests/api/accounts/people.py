"""People with passwords, what they send and what they are written."""

import email
import re
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from typing import Any

import aiohttp

from core.security.permissions import Role

PASSWORD = "correct horse battery"


@dataclass(frozen=True, slots=True)
class Person:
    """An account in one organization, with the tokens of an open session."""

    user_id: str
    organization_id: str
    email: str
    role: Role
    token: str
    refresh_token: str

    @property
    def bearer(self) -> dict[str, str]:
        """The headers of the session."""
        return {"Authorization": f"Bearer {self.token}"}


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    body: Any
    headers: Any

    @property
    def code(self) -> str:
        """The error's code."""
        code: str = self.body["error"]["code"]
        return code


class Client:
    """Sends JSON and reads JSON."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    async def __call__(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> Answer:
        """One request; ``path`` is below ``/api/v1``."""
        async with self._session.request(method, f"/api/v1{path}", json=body, headers=headers) as answer:
            read = await answer.read()
            content = await answer.json() if read else None
            return Answer(answer.status, content, answer.headers)

    async def text(self, path: str, headers: dict[str, str]) -> Answer:
        """A `GET` whose answer is read as text."""
        async with self._session.get(f"/api/v1{path}", headers=headers) as answer:
            return Answer(answer.status, await answer.text(), answer.headers)


class Mailbox:
    """The mails that were written into a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def to(self, address: str) -> list[Message]:
        """Every mail to ``address``, the oldest first."""
        mails = [email.message_from_bytes(file.read_bytes()) for file in sorted(self._folder.glob("*.eml"))]
        return [mail for mail in mails if mail["To"] == address]

    def token(self, address: str) -> str:
        """The token of the newest mail's link."""
        text = self.to(address)[-1].get_payload(decode=True)
        assert isinstance(text, bytes)
        found = re.search(r"#[a-z]+=([\w-]+)", text.decode())
        assert found is not None
        return found[1]
