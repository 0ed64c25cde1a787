"""The product as its owner runs it: a process on a port, which can be stopped and started again."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

READY = b"Ctrl-C stops everything."
"""The banner's last line; the port takes connections by then."""


class ServerProcess:
    """`limitless serve` over a database that is there already; everything else is in ``folder``."""

    command: tuple[str, ...] = ("serve", "--no-worker")

    def __init__(self, conninfo: str, folder: Path, **environment: str) -> None:
        self.conninfo = conninfo
        self._folder = folder
        self._port = _free_port()
        self._environment = {
            **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
            "DATABASE_URL": conninfo,
            "DATA_DIR": str(folder / "data"),
            "PORT": str(self._port),
            "RATE_LIMIT_CHAT": "",
            "RATE_LIMIT_CHAT_ADDRESS": "",
            **environment,
        }
        self._process: asyncio.subprocess.Process | None = None
        self._reading: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        """Where it answers, without a slash at the end."""
        return f"http://localhost:{self._port}"

    async def start(self) -> None:
        """Return when it takes connections."""
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", "from cli.main import app; app()", *self.command),
            cwd=self._folder,
            env=self._environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output = self._process.stdout
        assert output is not None
        said = b""
        while READY not in said:
            line = await output.readline()
            assert line, f"the server did not start:\n{said.decode()}"
            said += line
        self._reading = asyncio.create_task(_read_away(output))

    async def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """End it, as Ctrl-C does, and wait until it is gone."""
        if self._process is None or self._reading is None:
            return
        self._process.send_signal(how)
        await self._process.wait()
        await self._reading
        self._process = self._reading = None


class WorkingServerProcess(ServerProcess):
    """With its worker, as it is by default."""

    command = ("serve",)


@asynccontextmanager
async def running(server: ServerProcess) -> AsyncIterator[ServerProcess]:
    """The server, started, for as long as the context lasts."""
    await server.start()
    try:
        yield server
    finally:
        await server.stop()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def _read_away(output: asyncio.StreamReader) -> None:
    while await output.readline():
        pass
