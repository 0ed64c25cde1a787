"""The product's real processes, which a test starts, kills and asks."""

import asyncio
import os
import signal
import socket
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import aiohttp

SECRET_KEY = "0123456789abcdefghijklmnopqrstuvwxyz-ABCDEFGH"
LIMITS = (
    *("CHAT", "CHAT_ADDRESS", "CHAT_CAMPAIGN", "CAMPAIGNS", "DOCUMENTS_UPLOAD"),
    *("AUTHENTICATION", "AUTHENTICATION_ACCOUNT", "AUTHENTICATION_MAILS", "DEFAULT", "MONITORING"),
)


@dataclass(slots=True)
class Process:
    """One command of the product on the test's database; ``settings`` are more of its environment."""

    folder: Path
    conninfo: str
    settings: dict[str, str] = field(default_factory=dict)
    command: tuple[str, ...] = ()
    process: asyncio.subprocess.Process | None = None

    @property
    def log(self) -> str:
        """What it wrote so far."""
        return (self.folder / "log").read_text()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.end()

    async def end(self) -> None:
        """Kill it if it still runs."""
        if self.process is not None and self.process.returncode is None:
            await self.kill()

    async def start(self) -> None:
        """Start it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "log").open("a") as log:
            self.process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-c", "from cli.main import app; app()", *self.command),
                env=self._environment(),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    async def kill(self) -> None:
        """End it, and what it started, as a power cut does."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        await self.process.wait()

    async def stop(self) -> float:
        """Ask it to end; returns how long it took, in seconds."""
        assert self.process is not None
        began = asyncio.get_running_loop().time()
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGTERM)
            await self.process.wait()
        return asyncio.get_running_loop().time() - began

    def _environment(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if k in ("PATH", "HOME", "LANG", "PYTHONPATH")}
        return {
            **kept,
            "DATA_DIR": str(self.folder / "data"),
            "DATABASE_URL": self.conninfo,
            "SECRET_KEY": SECRET_KEY,
            "LOG_FORMAT": "json",
            **{f"RATE_LIMIT_{name}": "" for name in LIMITS},
            **self.settings,
        }


@dataclass(slots=True)
class ApiProcess(Process):
    """`limitless serve` on a port of its own."""

    command: tuple[str, ...] = ("serve", "--no-worker")
    port: int = 0

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Start it, and wait until it is ready."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.settings["PORT"] = str(self.port)
        await Process.start(self)
        async with aiohttp.ClientSession(self.url) as session:
            while not await _ready(session):
                assert self.process is not None
                assert self.process.returncode is None, self.log
                await asyncio.sleep(0.05)


@dataclass(slots=True)
class WorkerProcess(Process):
    """`limitless worker`."""

    command: tuple[str, ...] = ("worker",)


async def _ready(session: aiohttp.ClientSession) -> bool:
    try:
        async with session.get("/readyz", timeout=aiohttp.ClientTimeout(total=2)) as answer:
            return answer.status == 200
    except (aiohttp.ClientError, TimeoutError):
        return False
