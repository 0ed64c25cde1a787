"""uvicorn's HTTP, with a bound on the head of a request: neither endless nor never ending."""

import asyncio
from typing import Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_LIMIT: Final = 64 * 1024
"""Bytes of a request's line and headers."""
HEAD_TIMEOUT_S: Final = 20.0
"""From a connection's first moment, or the first byte of its next request, until the head is there."""


class BoundedHttp(HttpToolsProtocol):
    """Ends a connection whose request does not get past its headers."""

    head_timeout_s: float = HEAD_TIMEOUT_S
    _head = 0
    _in_head = True
    _giving_up: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._await_head()

    def data_received(self, data: bytes) -> None:
        """Take what came, unless the head has become too long by it."""
        if self._in_head:
            self._head += len(data)
            if self._giving_up is None:
                self._await_head()
        super().data_received(data)
        if self._in_head and self._head > HEAD_LIMIT and not self.transport.is_closing():
            self.send_400_response("The headers are too long.")

    def on_headers_complete(self) -> None:
        """The head is there."""
        self._in_head, self._head = False, 0
        self._stop_waiting()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Whatever comes now belongs to the next request."""
        self._in_head = True
        super().on_message_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nobody is waited for any more."""
        self._stop_waiting()
        super().connection_lost(exc)

    def _await_head(self) -> None:
        self._giving_up = self.loop.call_later(self.head_timeout_s, self.transport.close)

    def _stop_waiting(self) -> None:
        if self._giving_up is not None:
            self._giving_up.cancel()
            self._giving_up = None
