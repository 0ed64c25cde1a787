"""A proxy in front of Postgres that counts what a turn waits for."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

SSL_REQUESTS = (80877103, 80877104)
"""Codes of the requests for TLS and for GSSAPI, which come before the start."""


class Frontend:
    """Reads what a client sends: the start, then typed messages."""

    def __init__(self) -> None:
        self.started = False
        self._rest = b""
        self._statements: dict[bytes, str] = {}

    def feed(self, data: bytes) -> list[str]:
        """The statements that these bytes run, in order."""
        self._rest += data
        run = []
        while (message := self._next()) is not None:
            kind, payload = message
            if kind == b"Q":
                run.append(_text(payload))
            elif kind == b"P":
                name, _, query = payload.partition(b"\0")
                self._statements[name] = _text(query)
            elif kind == b"B":
                name = payload.partition(b"\0")[2].partition(b"\0")[0]
                run.append(self._statements.get(name, "?"))
        return run

    def _next(self) -> tuple[bytes, bytes] | None:
        skip = 1 if self.started else 0
        length = int.from_bytes(self._rest[skip : skip + 4], "big")
        if len(self._rest) < skip + 4 or len(self._rest) < skip + length:
            return None
        message, self._rest = self._rest[: skip + length], self._rest[skip + length :]
        if not self.started:
            self.started = int.from_bytes(message[4:8], "big") not in SSL_REQUESTS
            return b"", b""
        return message[:1], message[5:]


class Counts:
    """What went through: the time of each flight, and each statement's text."""

    def __init__(self) -> None:
        self.flights: list[float] = []
        """Moments at which a client, having heard from the server, sent something: a round trip began."""
        self.statements: Counter[str] = Counter()

    def between(self, start: float, end: float) -> int:
        """Flights that began in this span."""
        return sum(start <= moment <= end for moment in self.flights)

    def clear(self) -> None:
        """Forget everything so far."""
        self.flights.clear()
        self.statements.clear()


class _Upstream(asyncio.Protocol):
    def __init__(self, client: "_Client") -> None:
        self._client = client

    def data_received(self, data: bytes) -> None:
        self._client.server_spoke = True
        self._client.transport.write(data)

    def connection_lost(self, error: Exception | None) -> None:
        self._client.transport.close()


class _Client(asyncio.Protocol):
    def __init__(self, socket_path: str, counts: Counts) -> None:
        self._socket_path = socket_path
        self._counts = counts
        self._frontend = Frontend()
        self._early: list[bytes] = []
        self._server: asyncio.WriteTransport | None = None
        self.server_spoke = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self._dialling = asyncio.ensure_future(self._dial())

    async def _dial(self) -> None:
        loop = asyncio.get_running_loop()
        self._server, _ = await loop.create_unix_connection(lambda: _Upstream(self), self._socket_path)
        self._server.writelines(self._early)

    def data_received(self, data: bytes) -> None:
        if self._frontend.started and self.server_spoke:
            self._counts.flights.append(time.monotonic())
        self.server_spoke = False
        self._counts.statements.update(self._frontend.feed(data))
        if self._server is None:
            self._early.append(data)
        else:
            self._server.write(data)

    def connection_lost(self, error: Exception | None) -> None:
        if self._server is not None:
            self._server.close()


@asynccontextmanager
async def counting_proxy(socket_path: str) -> AsyncIterator[tuple[int, Counts]]:
    """A port that leads to the Postgres behind a Unix socket, and what goes through it."""
    counts = Counts()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Client(socket_path, counts), "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1], counts
    finally:
        server.close()


def _text(query: bytes) -> str:
    return " ".join(query.partition(b"\0")[0].decode(errors="replace").split())
