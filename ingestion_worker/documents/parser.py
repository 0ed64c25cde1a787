"""The worker's side of the parser process."""

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

_MODULE = "ingestion_worker.documents.parsing"
_IDLE_S = 300.0
_LINE = 1 << 20
_OUTPUT = 64 << 20
_PASSED_ON = ("PATH", "LANG", "LC_ALL", "TMPDIR", "SYSTEMROOT", "TESSDATA_PREFIX")

OnPages = Callable[[int, int], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class ParsedChunk:
    """A piece of a document: its text, the headings above it from the outermost in, its first page."""

    text: str
    heading: tuple[str, ...]
    page: int | None


@dataclass(frozen=True, slots=True)
class ParsedDocument:
    """A whole document. ``pages`` where the format has them, ``language`` (ISO 639-1) where it shows."""

    chunks: list[ParsedChunk]
    pages: int | None
    language: str | None


class DocumentUnreadable(Exception):
    """The file itself is at fault; another try ends the same. ``reason`` is for its owner."""

    def __init__(self, code: str, reason: str, fault: str | None = None) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason
        self.fault = fault
        """What a library raised over it, for the log."""


class ParserCrashed(Exception):
    """The parser died over a file without being able to say why; another try may end better."""


class Parser:
    """Reads files in a process that has limits and knows no secrets.

    The process is started with the first file, loads its libraries (2 s), and goes when it was idle for a
    while: it holds 200 MB.
    """

    def __init__(self, *, idle_s: float = _IDLE_S, module: str = _MODULE) -> None:
        self._idle_s = idle_s
        self._module = module
        self._process: asyncio.subprocess.Process | None = None
        self._control: socket.socket | None = None
        self._asking = asyncio.Lock()
        self._reading = 0
        self._idle: asyncio.TimerHandle | None = None

    async def parse(self, path: Path, on_pages: OnPages) -> ParsedDocument:
        """The document in ``path``; ``on_pages`` hears how many pages are done, and of how many.

        Raises `DocumentUnreadable` and `ParserCrashed`.
        """
        chunks: list[ParsedChunk] = []
        async with self._events(path) as events:
            async for event in events:
                match event["type"]:
                    case "chunk":
                        chunks.append(ParsedChunk(event["text"], tuple(event["heading"]), event["page"]))
                    case "pages":
                        await on_pages(event["done"], event["total"])
                    case "done":
                        return ParsedDocument(chunks, event["pages"], event["language"])
                    case "failed":
                        raise DocumentUnreadable(event["code"], event["reason"], event.get("fault"))
        raise ParserCrashed("the parser died")

    async def aclose(self) -> None:
        """End the process."""
        if self._idle:
            self._idle.cancel()
        if self._control:
            self._control.close()
            self._control = None
        if self._process:
            await self._process.wait()
            self._process = None

    @asynccontextmanager
    async def _events(self, path: Path) -> AsyncIterator[AsyncIterator[dict[str, Any]]]:
        if self._idle:
            self._idle.cancel()
        self._reading += 1
        try:
            reader, transport = await self._ask(path)
            try:
                yield _decoded(reader)
            finally:
                transport.close()
        finally:
            self._reading -= 1
            if not self._reading:
                self._idle = asyncio.get_running_loop().call_later(self._idle_s, self._rest)

    async def _ask(self, path: Path) -> tuple[asyncio.StreamReader, asyncio.BaseTransport]:
        ours, theirs = os.pipe()
        with path.open("rb") as file, os.fdopen(theirs, "wb") as events:
            reader, transport = await _reader(ours)
            try:
                await self._send([file.fileno(), events.fileno()])
            except BaseException:
                transport.close()
                raise
        return reader, transport

    async def _send(self, descriptors: list[int]) -> None:
        async with self._asking:
            if self._control is not None:
                try:
                    socket.send_fds(self._control, [b"r"], descriptors)
                    return
                except OSError:
                    await self.aclose()
            self._control, theirs = socket.socketpair()
            with theirs:
                self._process = await _spawn(self._module, theirs)
            socket.send_fds(self._control, [b"r"], descriptors)

    def _rest(self) -> None:
        # It ends by itself once its socket does; the next file starts another.
        if self._control and not self._reading:
            self._control.close()
            self._control = None


async def _spawn(module: str, control: socket.socket) -> asyncio.subprocess.Process:
    environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-I",
        "-m",
        module,
        str(control.fileno()),
        pass_fds=(control.fileno(),),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        env=environment
        | {
            "DO_NOT_TRACK": "1",
            "UNSTRUCTURED_DISABLE_NOTICE": "1",
            # Each thread of either would take address space that reading is to have.
            "OPENBLAS_NUM_THREADS": "1",
            "MALLOC_ARENA_MAX": "1",
        },
    )


async def _reader(descriptor: int) -> tuple[asyncio.StreamReader, asyncio.BaseTransport]:
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=_LINE)
    transport, _ = await loop.connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(descriptor, "rb", buffering=0)
    )
    return reader, transport


async def _decoded(reader: asyncio.StreamReader) -> AsyncIterator[dict[str, Any]]:
    """Event by event. What a dying parser left unfinished is no event, and too much output is a failure."""
    size = 0
    async for line in reader:
        size += len(line)
        if size > _OUTPUT:
            raise DocumentUnreadable("too_long", "The document holds more text than can be taken. Split it.")
        try:
            event = orjson.loads(line)
        except orjson.JSONDecodeError:
            continue
        yield event
