"""Server-sent events, written straight to the connection: one write per batch, a heartbeat in silence."""

import asyncio
from collections.abc import AsyncIterator, Mapping

import orjson
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from api.chat.streams import Event

HEARTBEAT_S = 15.0
_HEARTBEAT = b": still here\n\n"
_TYPES = {"reset": b"message", "token": b"message"}


def encode(prefix: bytes, event: Event) -> bytes:
    """One event as its frame; ``prefix`` is ``<turn>-<attempt>-``."""
    kind = event.kind
    data = {"type": "token", "content": event.data} if kind == "token" else event.data
    return b"id: %b%d\nevent: %b\ndata: %b\n\n" % (
        prefix,
        event.position,
        _TYPES.get(kind) or kind.encode(),
        orjson.dumps(data),
    )


class EventStream(Response):
    """Streams frames until they end or the client goes away; what makes them goes on regardless."""

    def __init__(self, frames: AsyncIterator[bytes], headers: Mapping[str, str]) -> None:
        self._frames = frames
        self._silent = True
        self._beating: asyncio.Task[None] | None = None
        self.background = None
        self.body = b""
        self.status_code = 200
        self.init_headers(
            {
                **headers,
                "content-type": "text/event-stream; charset=utf-8",
                "cache-control": "no-store",
                "x-accel-buffering": "no",
            }
        )
        # A stream's length is not known.
        self.raw_headers = [pair for pair in self.raw_headers if pair[0] != b"content-length"]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the stream."""
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        try:
            async with asyncio.timeout(None) as presence:
                await self._write(receive, send, presence)
        except TimeoutError:
            if not presence.expired():
                raise
            return
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _write(self, receive: Receive, send: Send, presence: asyncio.Timeout) -> None:
        # Most streams end before their first heartbeat: a timer costs them less than a task.
        timer = asyncio.get_running_loop().call_later(HEARTBEAT_S, self._attend, receive, send, presence)
        try:
            async for frame in self._frames:
                self._silent = False
                await _send(send, frame)
        finally:
            timer.cancel()
            if self._beating is not None:
                self._beating.cancel()

    def _attend(self, receive: Receive, send: Send, presence: asyncio.Timeout) -> None:
        self._beating = asyncio.create_task(self._beat(receive, send, presence))

    async def _beat(self, receive: Receive, send: Send, presence: asyncio.Timeout) -> None:
        """A sign of life after each while without a frame, until the client is gone; then the stream ends."""
        leaving = asyncio.create_task(_gone(receive))
        try:
            while not leaving.done():
                if self._silent:
                    await _send(send, _HEARTBEAT)
                self._silent = True
                await asyncio.wait((leaving,), timeout=HEARTBEAT_S)
            presence.reschedule(0)
        finally:
            leaving.cancel()


async def _send(send: Send, frame: bytes) -> None:
    await send({"type": "http.response.body", "body": frame, "more_body": True})


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
