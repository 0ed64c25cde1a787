"""What every request goes through: an id, a bound on its body, and headers that keep browsers careful."""

import re
from collections.abc import Mapping, Sequence

import orjson
import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.exception_handlers import describe
from core.errors import PayloadTooLarge
from core.identifiers import new_id
from core.limits import STANDING
from core.origin import ORIGIN, Origin

BODY_LIMIT = 64 * 1024

_ACCEPTABLE_ID = re.compile(r"^[A-Za-z0-9_.-]{1,64}$")
_HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"strict-origin-when-cross-origin"),
]


class RequestGate:
    """Names the request, refuses a body over the limit before anything reads it, and adds headers.

    Paths in ``streaming`` read their own body and bound it themselves; those in ``larger`` may send more.
    """

    def __init__(
        self, app: ASGIApp, streaming: Sequence[str] = (), larger: Mapping[str, int] | None = None
    ) -> None:
        self._app = app
        self._streaming = tuple(streaming)
        self._larger = larger or {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = scope["request_id"] = _request_id(scope)
        structlog.contextvars.bind_contextvars(request_id=request_id)
        ORIGIN.set(_origin(scope, request_id))
        standing: dict[str, str] = {}
        STANDING.set(standing)
        named = _with_headers(send, request_id, standing)
        if scope["method"] in ("GET", "HEAD") or scope["path"].startswith(self._streaming or ("\0",)):
            await self._app(scope, receive, named)
            return
        limit = self._larger.get(scope["path"], BODY_LIMIT)
        body = await _body(scope, receive, limit)
        if body is None:
            await _refuse(scope["path"], request_id, named, limit)
            return
        await self._app(scope, _replay(body, receive), named)


def _request_id(scope: Scope) -> str:
    for name, value in scope["headers"]:
        wished: str = value.decode("latin-1") if name == b"x-request-id" else ""
        if _ACCEPTABLE_ID.match(wished):
            return wished
    return new_id("req")


def _origin(scope: Scope, request_id: str) -> Origin:
    program = next((value for name, value in scope["headers"] if name == b"user-agent"), b"")
    readable = "".join(filter(str.isprintable, program[:300].decode("latin-1")))
    client = scope.get("client")
    return Origin(client[0] if client else "unknown", readable, request_id)


def _with_headers(send: Send, request_id: str, standing: Mapping[str, str]) -> Send:
    added = [*_HEADERS, (b"x-request-id", request_id.encode())]

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            limits = [(name.lower().encode(), value.encode()) for name, value in standing.items()]
            message["headers"] = [*message.get("headers", ()), *added, *limits]
        await send(message)

    return sending


async def _body(scope: Scope, receive: Receive, limit: int) -> bytes | None:
    """The whole body, or None when it is over the limit."""
    for name, value in scope["headers"]:
        if name == b"content-length" and (not value.isdigit() or int(value) > limit):
            return None
    pieces: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return b"".join(pieces)
        pieces.append(message.get("body", b""))
        size += len(pieces[-1])
        if size > limit:
            return None
        if not message.get("more_body", False):
            return b"".join(pieces)


def _replay(body: bytes, receive: Receive) -> Receive:
    given = False

    async def receiving() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receiving


async def _refuse(path: str, request_id: str, send: Send, limit: int) -> None:
    fault = PayloadTooLarge(f"The body is over {limit // 1024} KB.", details={"limit_bytes": limit})
    status, body = describe(fault, path, request_id)
    content = orjson.dumps(body)
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(content)).encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": content})
