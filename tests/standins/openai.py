"""A stand-in for OpenAI's API on loopback: real HTTP, real server-sent events, and faults to order.

Inside a test: ``async with openai_standin() as model`` and then ``model.base_url``, ``model.orders``,
``model.calls``. As a process, for benchmarks: ``python -m tests.standins.openai --port 9100``, ordered and
read through ``/control/orders`` and ``/control/calls``. Raw asyncio, so that it is never the bottleneck.
"""

import argparse
import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import orjson

from tests.standins import openai_frames as frames
from tests.standins.openai_http import Connection
from tests.standins.openai_obedience import obedient_answer, obedient_reply
from tests.standins.openai_orders import Call, Kind, Orders

CALLS_KEPT = 50_000


class OpenAIStandin:
    """The model: its orders, and the calls that it had."""

    def __init__(self, orders: Orders, *, keep_bodies: bool = True) -> None:
        self.orders = orders
        self.calls: deque[Call] = deque(maxlen=CALLS_KEPT)
        self.base_url = ""
        self._keep_bodies = keep_bodies
        self.connections: set[Connection] = set()
        self._server: asyncio.Server | None = None
        self._called = asyncio.Event()
        self._released = asyncio.Event()

    def calls_of(self, kind: Kind) -> list[Call]:
        """The calls of one kind, in order."""
        return [call for call in self.calls if call.kind == kind]

    async def called(self, count: int) -> None:
        """Wait until there were ``count`` calls."""
        while len(self.calls) < count:
            self._called.clear()
            await self._called.wait()

    def release(self) -> None:
        """Let the streams go on that ``hold_after`` holds, and hold no others."""
        self.orders.hold_after = None
        self._released.set()

    async def listen(self, port: int = 0) -> asyncio.Server:
        """Serve on loopback; 0 takes a free port."""
        make = partial(Connection, self)
        server = await asyncio.get_running_loop().create_server(make, "127.0.0.1", port, backlog=1024)
        self.base_url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
        self._server = server
        return server

    def close(self) -> None:
        """Stop listening, and drop every client."""
        if self._server is not None:
            self._server.close()
        for connection in tuple(self.connections):
            connection.abort()

    def record(self, kind: Kind, body: dict[str, Any], authorization: str | None) -> Call:
        """Note a call that begins."""
        kept = body if self._keep_bodies else {}
        call = Call(
            kind, str(body.get("model", "")), time.monotonic(), body=kept, authorization=authorization
        )
        self.calls.append(call)
        self._called.set()
        return call

    def reply(self, body: dict[str, Any]) -> tuple[str, ...]:
        """The tokens of the next reply."""
        orders = self.orders
        if orders.replies:
            return frames.tokens_of(orders.replies.popleft())
        if orders.writes is not None:
            return frames.tokens_of(orders.writes(body["messages"]))
        if orders.obeys:
            return frames.tokens_of(obedient_reply(body["messages"]))
        return frames.default_reply(orders.tokens)

    def answer(self, body: dict[str, Any]) -> str:
        """The JSON of the next structured call."""
        if self.orders.answers:
            return orjson.dumps(self.orders.answers.popleft()).decode()
        if self.orders.obeys and (dictated := obedient_answer(body["messages"])):
            return dictated
        schema = body.get("response_format", {}).get("json_schema", {}).get("schema", {"type": "object"})
        return orjson.dumps(frames.least_instance(schema)).decode()

    async def hold(self) -> None:
        """Wait for `release`."""
        self._released.clear()
        await self._released.wait()


@asynccontextmanager
async def openai_standin(**orders: Any) -> AsyncIterator[OpenAIStandin]:
    """A stand-in on a free port for as long as the context lasts; ``orders`` are fields of `Orders`."""
    standin = OpenAIStandin(Orders(**orders))
    await standin.listen()
    try:
        yield standin
    finally:
        standin.close()


async def _serve(port: int, orders: Orders) -> None:
    server = await OpenAIStandin(orders, keep_bodies=False).listen(port)
    await server.serve_forever()


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=9100)
    parser.add_argument("--ttft-ms", type=float, default=0)
    parser.add_argument("--tpot-ms", type=float, default=0)
    parser.add_argument("--tokens", type=int, default=40)
    args = parser.parse_args()
    serving = _serve(args.port, Orders(args.ttft_ms, args.tpot_ms, args.tokens))
    try:
        import uvloop
    except ImportError:
        asyncio.run(serving)
    else:
        uvloop.run(serving)


if __name__ == "__main__":
    main()
