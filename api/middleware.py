"""What every request goes through: an id, careful headers, one answer to what nobody expected, a bound."""

import asyncio
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import orjson
import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.exception_handlers import describe, unexpected
from api.security_headers import missing_headers
from core.errors import LimitlessError, PayloadTooLarge, TooSlow
from core.identifiers import new_id
from core.limits import STANDING
from core.origin import ORIGIN, Origin

BODY_LIMIT: Final = 64 * 1024
BODY_TIMEOUT_S: Final = 30.0
"""How long the body of a request may take to come."""

_BEGUN: Final = "limitless.answer_begun"
"""In a scope whose answer has begun: noted here once, so that no layer more sees each piece of a stream."""
_ACCEPTABLE_ID = re.compile(r"^[A-Za-z0-9_.-]{1,64}$")


class RequestGate:
    """Names the request, says where it comes from, and adds headers to whatever is answered."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

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
        await self._app(scope, receive, _with_headers(scope, send, standing))


class UnexpectedFaults:
    """Answers what nobody expected in the envelope, and says nothing of its cause but in the log."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; a fault after the answer began breaks the connection off."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            await self._app(scope, receive, send)
        except Exception as fault:
            body = unexpected(scope["path"], scope["request_id"], fault)
            if scope.get(_BEGUN):
                raise
            await _answer(send, 500, body)


class BodyBounds:
    """Refuses a body over the limit before anything reads it, and one that comes too slowly.

    Paths in ``streaming`` read their own body and bound it themselves; those in ``larger`` may send more.
    """

    def __init__(
        self,
        app: ASGIApp,
        streaming: Sequence[str],
        larger: Mapping[str, int],
        timeout_s: float = BODY_TIMEOUT_S,
    ) -> None:
        self._app = app
        self._streaming = tuple(streaming)
        self._larger = larger
        self._timeout_s = timeout_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["path"].startswith(self._streaming):
            await self._app(scope, receive, send)
            return
        limit = self._larger.get(scope["path"], BODY_LIMIT)
        try:
            refused = _announces_more(scope, limit)
            if not refused and scope["method"] not in ("GET", "HEAD"):
                body = await _body(receive, limit, self._timeout_s)
                refused, receive = body is None, _replay(body or b"", receive)
        except TimeoutError:
            await _refuse(scope, send, TooSlow("The body did not come in time."))
            return
        if refused:
            too_large = f"The body is over {limit // 1024} KB."
            await _refuse(scope, send, PayloadTooLarge(too_large, details={"limit_bytes": limit}))
            return
        await self._app(scope, receive, send)


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


def _with_headers(scope: Scope, send: Send, standing: Mapping[str, str]) -> Send:
    request_id = scope["request_id"].encode()

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            scope[_BEGUN] = True
            given = list(message.get("headers", ()))
            limits = [(name.lower().encode(), value.encode()) for name, value in standing.items()]
            careful = missing_headers(scope, given)
            message["headers"] = [*given, *careful, *limits, (b"x-request-id", request_id)]
        await send(message)

    return sending


def _announces_more(scope: Scope, limit: int) -> bool:
    return any(
        name == b"content-length" and (not value.isdigit() or int(value) > limit)
        for name, value in scope["headers"]
    )


async def _body(receive: Receive, limit: int, timeout_s: float) -> bytes | None:
    """The whole body, or None when it is over the limit; raises `TimeoutError`."""
    pieces: list[bytes] = []
    size = 0
    async with asyncio.timeout(timeout_s):
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


async def _refuse(scope: Scope, send: Send, fault: LimitlessError) -> None:
    status, body = describe(fault, scope["path"], scope["request_id"])
    await _answer(send, status, body)


async def _answer(send: Send, status: int, body: Mapping[str, Any]) -> None:
    """An answer after which the connection is closed: what is left of the request is read by nobody."""
    content = orjson.dumps(body)
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(content)).encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": content})
