"""Real API processes that a test starts, kills and asks."""

import asyncio
import os
import signal
import socket
import sys
from dataclasses import dataclass
from pathlib import Path

import aiohttp

SECRET_KEY = "0123456789abcdefghijklmnopqrstuvwxyz-ABCDEFGH"


@dataclass(slots=True)
class ApiProcess:
    """`limitless serve` on the test's database, with the stand-in model."""

    folder: Path
    conninfo: str
    model_url: str
    process: asyncio.subprocess.Process | None = None
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
        self.folder.mkdir(parents=True, exist_ok=True)
        kept = {k: v for k, v in os.environ.items() if k in ("PATH", "HOME", "LANG", "PYTHONPATH")}
        with (self.folder / "log").open("a") as log:
            self.process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-c", "from cli.main import app; app()", "serve", "--no-worker"),
                env=kept | self._settings(),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        async with aiohttp.ClientSession(self.url) as session:
            while not await _ready(session):
                assert self.process.returncode is None, (self.folder / "log").read_text()
                await asyncio.sleep(0.05)

    async def kill(self) -> None:
        """End it as a power cut does."""
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

    def _settings(self) -> dict[str, str]:
        limits = ("CHAT", "CHAT_ADDRESS", "CHAT_CAMPAIGN", "CAMPAIGNS", "AUTHENTICATION")
        return {
            "DATA_DIR": str(self.folder / "data"),
            "PORT": str(self.port),
            "DATABASE_URL": self.conninfo,
            "SECRET_KEY": SECRET_KEY,
            "OPENAI_BASE_URL": self.model_url,
            "LOG_FORMAT": "json",
            **{f"RATE_LIMIT_{name}": "" for name in limits},
        }


async def _ready(session: aiohttp.ClientSession) -> bool:
    try:
        async with session.get("/readyz", timeout=aiohttp.ClientTimeout(total=2)) as answer:
            return answer.status == 200
    except (aiohttp.ClientError, TimeoutError):
        return False
