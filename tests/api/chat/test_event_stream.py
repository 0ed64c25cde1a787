"""A stream's end: with its frames, with its reader, or with a fault."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from starlette.types import Message

from api.chat import event_stream
from api.chat.event_stream import EventStream

FRAME = b"id: 1\nevent: message\ndata: {}\n\n"


class Reader:
    """One HTTP client, as an ASGI server shows it."""

    def __init__(self) -> None:
        self.left = asyncio.Event()
        self.got: list[Message] = []

    async def receive(self) -> Message:
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        self.got.append(message)

    async def reads(self, frames: AsyncIterator[bytes]) -> bytes:
        await EventStream(frames, {})({"type": "http"}, self.receive, self.send)
        return b"".join(message.get("body", b"") for message in self.got)

    @property
    def finished(self) -> bool:
        return self.got[-1].get("more_body") is False


async def one_frame() -> AsyncIterator[bytes]:
    yield FRAME


async def test_it_ends_with_its_frames() -> None:
    reader = Reader()
    assert await reader.reads(one_frame()) == FRAME
    assert reader.finished


async def test_who_is_gone_is_let_go_after_a_heartbeat(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_stream, "HEARTBEAT_S", 0.01)
    reader, closed = Reader(), asyncio.Event()

    async def never_ending() -> AsyncIterator[bytes]:
        try:
            yield FRAME
            await asyncio.Event().wait()
        finally:
            closed.set()

    before = asyncio.all_tasks()
    reading = asyncio.create_task(reader.reads(never_ending()))
    await asyncio.sleep(0.1)
    assert not reading.done()
    reader.left.set()
    async with asyncio.timeout(5):
        told = await reading
        await closed.wait()
    assert told.startswith(FRAME + b": still here\n\n")
    assert not reader.finished
    await asyncio.sleep(0)
    assert asyncio.all_tasks() <= before


@pytest.mark.parametrize("fault", [TimeoutError("the database"), ZeroDivisionError()])
async def test_a_fault_comes_out(fault: Exception) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield FRAME
        raise fault

    reader = Reader()
    with pytest.raises(type(fault)):
        await reader.reads(broken())
    assert not reader.finished
