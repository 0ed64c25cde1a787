"""`limitless chat`: what a terminal shows, also when the connection or the program itself breaks off."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.standins.openai import OpenAIStandin, openai_standin
from tests.web.process import ServerProcess, running

REPLY = "You are in the right place. " * 6 + "What do you coach?"
BUYS = "I'd like to buy the Client Engine Program, please send me the link."
COLOUR = "\x1b["


class Terminal:
    """`limitless chat DEMO`, and the one who types."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self.process = process
        self._in, self._out = process.stdin, process.stdout
        self.shown = ""

    def type(self, line: str) -> None:
        self._in.write(f"{line}\n".encode())

    async def shows(self, text: str) -> None:
        """Wait until ``text`` stands there, after what was waited for before."""
        async with asyncio.timeout(40):
            while text not in self.shown:
                piece = await self._out.read(1000)
                assert piece, f"it ended with:\n{self.shown}"
                self.shown += piece.decode()

    async def ends(self) -> str:
        async with asyncio.timeout(20):
            self.shown += (await self._out.read()).decode()
            await self.process.wait()
        return self.shown


@asynccontextmanager
async def terminal(url: str, data_dir: Path, *options: str, colour: bool = False) -> AsyncIterator[Terminal]:
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    environment |= {"DATA_DIR": str(data_dir), "COLUMNS": "120", "PYTHONUNBUFFERED": "1"}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", "from cli.main import app; app()", "chat", "demo", "--url", url, *options),
        env=environment | ({"FORCE_COLOR": "1"} if colour else {}),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        yield Terminal(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


class Wire:
    """A connection to the server that can be cut."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._open: set[asyncio.StreamWriter] = set()
        self.url = ""

    def cut(self) -> None:
        for writer in list(self._open):
            writer.transport.abort()

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        beyond = await asyncio.open_connection("127.0.0.1", self._port)
        self._open |= {writer, beyond[1]}
        await asyncio.gather(_pump(reader, beyond[1]), _pump(beyond[0], writer))
        self._open -= {writer, beyond[1]}


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while piece := await reader.read(65536):
            writer.write(piece)
    except ConnectionError:
        pass
    finally:
        writer.close()


@pytest.fixture
async def wire(server: ServerProcess) -> AsyncIterator[Wire]:
    made = Wire(int(server.url.rpartition(":")[2]))
    listener = await asyncio.start_server(made.carry, "127.0.0.1", 0)
    made.url = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}"
    yield made
    listener.close()
    made.cut()


@pytest.fixture
async def model() -> AsyncIterator[OpenAIStandin]:
    async with openai_standin() as standin:
        standin.orders.replies.append(REPLY)
        yield standin


@pytest.fixture
async def server(
    fresh_database: Callable[..., str], tmp_path: Path, model: OpenAIStandin
) -> AsyncIterator[ServerProcess]:
    named = {"OPENAI_API_KEY": "key", "OPENAI_BASE_URL": model.base_url}
    async with running(ServerProcess(fresh_database(migrated=True), tmp_path, **named)) as server:
        yield server


async def test_it_reads_on_after_a_lost_connection_and_after_a_restart(
    server: ServerProcess, model: OpenAIStandin, wire: Wire, tmp_path: Path
) -> None:
    model.orders.hold_after = 4
    async with terminal(wire.url, tmp_path / "lead") as first:
        first.type("Yes, I'm a fitness coach")
        await first.shows("You are in")
        wire.cut()
        await first.shows("reconnecting")
        first.process.send_signal(signal.SIGKILL)
        await first.ends()
    async with terminal(wire.url, tmp_path / "lead") as second:
        await second.shows("You are in")
        wire.cut()
        await second.shows("reconnecting")
        model.release()
        await second.shows("What do you coach?")
        second.type("")
        shown = await second.ends()
    assert shown.replace(" (reconnecting…) ", "").count(REPLY) == 1
    assert "Yes, I'm a fitness coach" in shown
    assert (tmp_path / "lead" / "chats.json").stat().st_mode & 0o077 == 0

    async with terminal(wire.url, tmp_path / "lead", "--new") as third:
        third.type("")
        assert "fitness" not in await third.ends()


async def test_colours_the_stage_and_the_link(scripted: ServerProcess, tmp_path: Path) -> None:
    async with terminal(scripted.url, tmp_path / "lead", colour=True) as one:
        one.type("Yes, I'm a fitness coach")
        await one.shows("qualification")
        one.type(BUYS)
        await one.shows("Client Engine Program, $497: ")
        await one.shows("/pay/chk_")
        one.type("")
        shown = await one.ends()
    assert COLOUR in shown
    assert "closing" in shown


@pytest.fixture
async def scripted(fresh_database: Callable[..., str], tmp_path: Path) -> AsyncIterator[ServerProcess]:
    async with running(ServerProcess(fresh_database(migrated=True), tmp_path)) as server:
        yield server


async def test_it_says_when_nobody_is_there(tmp_path: Path) -> None:
    async with terminal("http://127.0.0.1:1", tmp_path) as alone:
        assert "does not answer" in await alone.ends()
    assert alone.process.returncode == 1
