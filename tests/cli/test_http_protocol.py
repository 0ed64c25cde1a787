"""Connections that send a head without end, slowly or never."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterable

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from cli.http_protocol import HEAD_LIMIT, BoundedHttp

REQUEST = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n\r\nhello"


class Hasty(BoundedHttp):
    head_timeout_s = 0.3


async def echo(request: Request) -> PlainTextResponse:
    return PlainTextResponse(await request.body())


@pytest.fixture
async def port() -> AsyncIterator[int]:
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    app = Starlette(routes=[Route("/", echo, methods=["GET", "POST"])])
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, http=Hasty, lifespan="off"))
    running = asyncio.create_task(server._serve([listener]))
    while not server.started:
        await asyncio.sleep(0.01)
    yield listener.getsockname()[1]
    server.should_exit = True
    await running
    listener.close()


async def answer(port: int, pieces: Iterable[bytes], pause_s: float = 0) -> bytes:
    """What comes back until the connection ends."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    async with asyncio.timeout(10):
        reading = asyncio.create_task(reader.read())
        try:
            for piece in pieces:
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(pause_s)
        except ConnectionError:
            pass
        try:
            return await reading
        except ConnectionError:
            return b""
        finally:
            writer.close()


async def test_requests_one_after_the_other_are_answered(port: int) -> None:
    closing = REQUEST.replace(b"host: x", b"host: x\r\nconnection: close")
    pieces = [REQUEST, REQUEST[:20], REQUEST[20:], REQUEST + REQUEST, closing]
    told = await answer(port, pieces, pause_s=0.05)
    assert told.count(b"200 OK") == told.count(b"hello") == 5


@pytest.mark.parametrize(
    "endless", [b"x-a: " + b"a" * 1000 + b"\r\n", b"a" * 1000], ids=["headers", "one header"]
)
async def test_an_endless_head_is_not_read_on(port: int, endless: bytes) -> None:
    sent = 0

    def pieces() -> Iterable[bytes]:
        nonlocal sent
        yield b"GET / HTTP/1.1\r\nx-first: "
        while sent < 50 * HEAD_LIMIT:
            sent += len(endless)
            yield endless

    told = await answer(port, pieces())
    assert not told.startswith(b"HTTP/1.1 200")
    assert sent < 50 * HEAD_LIMIT


@pytest.mark.parametrize("begun", [b"", b"GET / HT", REQUEST + b"GET / HTTP/1.1\r\n"])
async def test_a_head_that_does_not_come_is_not_waited_for(port: int, begun: bytes) -> None:
    told = await answer(port, [begun])
    assert told.count(b"200 OK") == (1 if begun.startswith(REQUEST) else 0)


async def test_a_head_that_drips_is_not_waited_for(port: int) -> None:
    told = await answer(port, [b"GET / HTTP/1.1\r\n", *[b"x-a: b\r\n"] * 40], pause_s=0.02)
    assert told == b""
