"""Several processes of the API on one port, and a worker beside them."""

import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import structlog
from prometheus_client.multiprocess import mark_process_dead

from cli.api_server import LISTENER

RESTART_S = 1.0
STOP_S = 4.0

log = structlog.get_logger()


class Supervisor:
    """Starts processes, starts again what dies, and stops them together."""

    def __init__(self, listener: socket.socket, conninfo: str, metrics: Path) -> None:
        self._fd = listener.fileno()
        self._environment = {
            **os.environ,
            "DATABASE_URL": conninfo,
            LISTENER: str(self._fd),
            # Where the processes keep their counters, so that each of them can tell the sum.
            "PROMETHEUS_MULTIPROC_DIR": str(metrics),
        }
        self._running: set[asyncio.subprocess.Process] = set()
        self._stopping = asyncio.Event()

    async def run(self, processes: int, *, worker: bool, ready: Callable[[], None]) -> None:
        """Keep ``processes`` of the API (and a worker) running until this process is told to stop."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._stopping.set)
        commands: list[Sequence[str]] = [("-m", "cli.api_server")] * processes
        if worker:
            commands.append(("-c", "from cli.main import app; app()", "worker"))
        kept = [asyncio.create_task(self._keep(command)) for command in commands]
        ready()
        await self._stopping.wait()
        self._signal(signal.SIGINT)
        await asyncio.wait(kept, timeout=STOP_S)
        self._signal(signal.SIGKILL)
        await asyncio.gather(*kept)

    async def _keep(self, command: Sequence[str]) -> None:
        while not self._stopping.is_set():
            process = await asyncio.create_subprocess_exec(
                sys.executable, *command, env=self._environment, pass_fds=[self._fd]
            )
            self._running.add(process)
            code = await process.wait()
            self._running.discard(process)
            _forget_gauges(process.pid, self._environment["PROMETHEUS_MULTIPROC_DIR"])
            if not self._stopping.is_set():
                log.error("process_died", command=command[-1], code=code)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._stopping.wait(), RESTART_S)

    def _signal(self, number: signal.Signals) -> None:
        for process in self._running:
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(number)


def _forget_gauges(pid: int, folder: str) -> None:
    """What a process that is gone said of itself no longer counts; what it counted does."""
    mark_process_dead(pid, folder)  # type: ignore[no-untyped-call]
