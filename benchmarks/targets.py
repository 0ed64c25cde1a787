"""How each system is asked for a turn, and how its stream is read."""

from dataclasses import dataclass, field
from itertools import count
from typing import Any, Protocol

import orjson

TURNS_PER_CONVERSATION = 10
LINES = (
    "Hi, I saw your ad and I am curious.",
    "I coach people who want to get fit.",
    "We make about 12,000 a month.",
    "Mostly Instagram, and a bit of word of mouth.",
    "How does it work exactly?",
    "It takes me hours to answer every message.",
    "Who have you done this for?",
    "I am not sure that I have the time right now.",
    "What do I have to prepare?",
    "Let me think about it.",
)
_numbers = count()


@dataclass(slots=True)
class Conversation:
    """One lead's thread."""

    number: int = field(default_factory=lambda: next(_numbers))
    turns: int = 0
    token: str | None = None

    @property
    def line(self) -> str:
        """What the lead says next."""
        return LINES[self.turns % len(LINES)]


class Target(Protocol):
    """A system that takes turns over HTTP on loopback."""

    name: str
    port: int
    first_token: bytes
    """What a body contains from its first token on."""
    end: bytes
    """What only a finished stream contains."""

    def request(self, conversation: Conversation) -> bytes:
        """The whole HTTP request of the conversation's next turn."""

    def follow(self, conversation: Conversation, headers: dict[bytes, bytes]) -> None:
        """Take from an answer what the next turn needs."""


@dataclass(slots=True)
class Floor:
    """A floor: ``POST /chat``."""

    name: str
    port: int
    first_token: bytes = b'"type":"token"'
    end: bytes = b"event: done"

    def request(self, conversation: Conversation) -> bytes:
        """See `Target`."""
        return post("/chat", {"thread_id": f"t{conversation.number}", "message": conversation.line})

    def follow(self, conversation: Conversation, headers: dict[bytes, bytes]) -> None:
        """Nothing: the thread is the conversation's number."""


@dataclass(slots=True)
class Model:
    """The stand-in itself: what no server can beat."""

    name: str
    port: int
    first_token: bytes = b'"content":"T'
    end: bytes = b"[DONE]"

    def request(self, conversation: Conversation) -> bytes:
        """See `Target`."""
        messages = [{"role": "user", "content": conversation.line}]
        return post("/v1/chat/completions", {"model": "standin", "stream": True, "messages": messages})

    def follow(self, conversation: Conversation, headers: dict[bytes, bytes]) -> None:
        """Nothing: a model remembers nothing."""


@dataclass(slots=True)
class Limitless:
    """Our server, its demo campaign."""

    name: str
    port: int
    first_token: bytes = b'"type":"token"'
    end: bytes = b"event: done"

    def request(self, conversation: Conversation) -> bytes:
        """See `Target`."""
        body = {
            "campaign_code": "DEMO",
            "instagram_handle": f"lead_{conversation.number}",
            "message": conversation.line,
        }
        token = conversation.token
        return post("/api/chat/stream", body, *([f"x-lead-token: {token}"] if token else []))

    def follow(self, conversation: Conversation, headers: dict[bytes, bytes]) -> None:
        """Keep the session that the first answer gave."""
        if token := headers.get(b"x-lead-token"):
            conversation.token = token.decode()


def post(path: str, body: dict[str, Any], *fields: str) -> bytes:
    """An HTTP request with a JSON body."""
    data = orjson.dumps(body)
    lines = (
        f"POST {path} HTTP/1.1",
        "host: 127.0.0.1",
        "content-type: application/json",
        f"content-length: {len(data)}",
        *fields,
    )
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + data


def said(body: bytes) -> str:
    """The reply in a stream of our events."""
    words = []
    for line in body.splitlines():
        if line.startswith(b"data: {"):
            event = orjson.loads(line[6:])
            if event.get("type") == "token":
                words.append(event["content"])
    return "".join(words)
