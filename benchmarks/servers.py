"""The processes under measurement: started, pinned to a core, watched and stopped."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile

import psutil

START_TIMEOUT_S = 60
COUNTED = "1000000/minute"
CORES = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []


def pin_to_last_core() -> bool:
    """Keep this process, and what it starts unpinned, off the servers' core; False when there is only one."""
    if len(CORES) < 2:
        return False
    os.sched_setaffinity(0, set(CORES[1:]))
    return True


def others_share() -> float:
    """How much of the machine is in use, in percent, over a second in which we do nothing."""
    return psutil.cpu_percent(interval=1)


def free_port() -> int:
    """A port of loopback that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Server:
    """A process that listens on ``port``; pinned, it has the first core to itself."""

    def __init__(
        self, name: str, command: Sequence[str], port: int, env: Mapping[str, str], *, pinned: bool = True
    ) -> None:
        self.name = name
        self.port = port
        self._log = TemporaryFile()  # noqa: SIM115 - it lives as long as the process
        self._process = subprocess.Popen(
            command,
            env={**os.environ, **env},
            stdout=self._log,
            stderr=subprocess.STDOUT,
            preexec_fn=_take_first_core if pinned and len(CORES) > 1 else None,
        )

    async def ready(self) -> None:
        """Wait until it answers; raises RuntimeError with the end of its log when it never does."""
        with suppress(TimeoutError):
            async with asyncio.timeout(START_TIMEOUT_S):
                while self._process.poll() is None:
                    if await self._answers():
                        return
                    await asyncio.sleep(0.05)
        raise RuntimeError(f"{self.name} did not start:\n{self.log_end()}")

    async def _answers(self) -> bool:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
            writer.write(b"GET / HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n")
            answer = await reader.read(1)
            writer.close()
        except OSError:
            return False
        return bool(answer)

    def log_end(self) -> str:
        """The last of what it wrote."""
        self._log.seek(0)
        return self._log.read()[-3000:].decode(errors="replace")

    def cpu_s(self) -> float:
        """CPU seconds of the process and its children so far."""
        times = [process.cpu_times() for process in self._tree()]
        return sum(t.user + t.system for t in times)

    def memory_mb(self) -> float:
        """Resident memory of the process and its children."""
        return sum(process.memory_info().rss for process in self._tree()) / 1e6

    def stop(self) -> None:
        """End it, the hard way when it takes more than ten seconds."""
        self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()

    def _tree(self) -> list[psutil.Process]:
        process = psutil.Process(self._process.pid)
        return [process, *process.children(recursive=True)]


def _take_first_core() -> None:
    os.sched_setaffinity(0, {CORES[0]})


def floor_server(module: str, env: Mapping[str, str]) -> Server:
    """A floor under uvicorn."""
    port = free_port()
    command = (sys.executable, "-m", "uvicorn", f"benchmarks.floors.{module}:app", "--port", str(port))
    return Server(module, (*command, "--log-level", "warning"), port, env)


def standin_server() -> Server:
    """The model, on the client's core."""
    port = free_port()
    command = (sys.executable, "-m", "tests.standins.openai", "--port", str(port))
    return Server("standin", command, port, {}, pinned=False)


def limitless_server(data_dir: Path, env: Mapping[str, str]) -> Server:
    """Our own, as its users start it; its limits are counted, and never reached."""
    port = free_port()
    settings = {
        "PORT": str(port),
        "DATA_DIR": str(data_dir),
        "OPENAI_API_KEY": "none",
        "RATE_LIMIT_CHAT": COUNTED,
        "RATE_LIMIT_CHAT_ADDRESS": COUNTED,
        "RATE_LIMIT_CHAT_CAMPAIGN": COUNTED,
    }
    command = (str(Path(sys.executable).with_name("limitless")), "serve")
    return Server("limitless", command, port, {**settings, **env})
