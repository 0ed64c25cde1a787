"""The stand-in model's HTTP: requests in, ordered answers out."""

import asyncio
import time
from typing import TYPE_CHECKING, Any, cast

import httptools
import orjson

from tests.standins import openai_frames as frames
from tests.standins.openai_orders import Call, Fault, Kind

if TYPE_CHECKING:
    from tests.standins.openai import OpenAIStandin


class Connection(asyncio.Protocol):
    """One client's connection; requests come one after another."""

    def __init__(self, standin: "OpenAIStandin") -> None:
        self._standin = standin
        self._tasks: set[asyncio.Task[None]] = set()
        self._authorization: str | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._parser = httptools.HttpRequestParser(self)
        self._standin.connections.add(self)

    def connection_lost(self, error: Exception | None) -> None:
        self._standin.connections.discard(self)
        for task in self._tasks:
            task.cancel()

    def abort(self) -> None:
        """Drop the client."""
        self._transport.abort()

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_message_begin(self) -> None:
        self._path, self._body, self._authorization = b"", b"", None

    def on_url(self, url: bytes) -> None:
        self._path += url

    def on_header(self, name: bytes, value: bytes) -> None:
        if name.lower() == b"authorization":
            self._authorization = value.decode()

    def on_body(self, data: bytes) -> None:
        self._body += data

    def on_message_complete(self) -> None:
        path = self._path.partition(b"?")[0]
        if path.endswith(b"/chat/completions"):
            self._chat(orjson.loads(self._body))
        elif path.endswith(b"/embeddings"):
            self._begin("embeddings", orjson.loads(self._body))
        elif path.endswith(b"/models"):
            self._json(
                {"object": "list", "data": [{"id": "standin", "object": "model", "owned_by": "tests"}]}
            )
        elif path.startswith(b"/control/"):
            self._control(path)
        else:
            self._json(frames.error("No such route.", "unknown_url"), 404)

    def _chat(self, body: dict[str, Any]) -> None:
        if body.get("stream"):
            self._begin("stream", body)
        elif body.get("response_format") or self._standin.orders.answers:
            self._begin("structured", body)
        else:
            self._begin("whole", body)

    def _begin(self, kind: Kind, body: dict[str, Any]) -> None:
        orders = self._standin.orders
        call = self._standin.record(kind, body, self._authorization)
        fault = orders.next_fault(kind)
        if kind == "stream" and fault is None and self._plain():
            call.first = time.monotonic()
            self._transport.write(frames.whole_stream(call.model, self._standin.reply(body)))
            call.ended = time.monotonic()
            return
        task = asyncio.get_running_loop().create_task(self._take(call, body, fault or Fault()))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _plain(self) -> bool:
        orders = self._standin.orders
        slow = orders.ttft_ms or orders.tpot_ms or orders.hold_after is not None
        odd = orders.split or orders.comments or orders.line_end != b"\n"
        return not (slow or odd or orders.refuses or orders.api_key)

    async def _take(self, call: Call, body: dict[str, Any], fault: Fault) -> None:
        orders = self._standin.orders
        if fault.hang:
            return
        if orders.ttft_ms:
            await asyncio.sleep(orders.ttft_ms / 1000)
        call.first = time.monotonic()
        if (refused := self._refused(body, fault)) is not None:
            self._json(*refused)
        elif call.kind == "embeddings":
            self._json(frames.embeddings(body))
        elif call.kind == "stream":
            await self._stream(call.model, self._tokens(body, fault), fault)
        else:
            self._whole(call, body, fault)
        call.ended = time.monotonic()

    def _refused(self, body: dict[str, Any], fault: Fault) -> tuple[Any, ...] | None:
        orders = self._standin.orders
        if orders.api_key and self._authorization != f"Bearer {orders.api_key}":
            return frames.error(f"Incorrect API key: {self._authorization}", "invalid_api_key"), 401
        if fault.status is not None:
            field = f"retry-after: {fault.retry_after}".encode()
            fields = (field,) if fault.retry_after else ()
            return frames.error(fault.message, fault.code), fault.status, *fields
        asked = {*body, body.get("response_format", {}).get("type")}
        for name in sorted(orders.refuses & asked):
            return frames.error(f"Unsupported parameter: '{name}'.", "unsupported_parameter", name), 400
        return None

    def _tokens(self, body: dict[str, Any], fault: Fault) -> tuple[str, ...]:
        return self._standin.reply(body) if fault.content is None else frames.tokens_of(fault.content)

    def _whole(self, call: Call, body: dict[str, Any], fault: Fault) -> None:
        content: str | None = fault.content
        if content is None:
            structured = call.kind == "structured"
            content = self._standin.answer(body) if structured else "".join(self._standin.reply(body))
        if fault.refusal:
            self._json(frames.completion(call.model, None, "I cannot help with that."))
        else:
            self._json(frames.completion(call.model, content))

    async def _stream(self, model: str, tokens: tuple[str, ...], fault: Fault) -> None:
        orders = self._standin.orders
        events = list(frames.deltas(model, tokens))
        if fault.refusal:
            events[1:-2] = [frames.delta(model, {"refusal": "I cannot help with that."})]
        self._transport.write(frames.STREAM_HEAD)
        for said, data in enumerate(events):
            if orders.tpot_ms and 1 < said < len(events) - 2:
                await asyncio.sleep(orders.tpot_ms / 1000)
            if said - 1 == fault.breaks_after:
                self._break(fault)
                return
            if said - 1 == orders.hold_after:
                await self._standin.hold()
            await self._write(frames.chunk(self._framed(data)))
        self._transport.write(frames.LAST_CHUNK)

    def _framed(self, data: bytes) -> bytes:
        orders = self._standin.orders
        comment = b": keep-alive" + orders.line_end * 2 if orders.comments else b""
        return comment + frames.event(data, orders.line_end)

    async def _write(self, data: bytes) -> None:
        size = self._standin.orders.split or len(data)
        for start in range(0, len(data), size):
            self._transport.write(data[start : start + size])
            if size < len(data):
                await asyncio.sleep(0)

    def _break(self, fault: Fault) -> None:
        if fault.breakage == "cut":
            self._transport.close()
        elif fault.breakage == "error":
            data = orjson.dumps(frames.error(fault.message, fault.code, kind="server_error"))
            self._transport.write(frames.chunk(frames.event(data)) + frames.LAST_CHUNK)
        elif fault.breakage == "nonsense":
            self._transport.write(frames.chunk(b"data: {oops\n\n") + frames.LAST_CHUNK)
        elif fault.breakage == "end":
            self._transport.write(frames.LAST_CHUNK)

    def _control(self, path: bytes) -> None:
        if path == b"/control/orders":
            for name, value in orjson.loads(self._body).items():
                setattr(self._standin.orders, name, value)
            self._json({})
            return
        times = [[call.kind, call.at, call.first, call.ended] for call in self._standin.calls]
        self._standin.calls.clear()
        self._json(times)

    def _json(self, value: object, status: int = 200, *fields: bytes) -> None:
        data = orjson.dumps(value)
        self._transport.write(frames.head(status, len(data), *fields) + data)
