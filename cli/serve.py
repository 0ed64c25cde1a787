"""`limitless serve`: the API, the pages and the worker, on one machine."""

import asyncio
import contextlib
import signal
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
import uvloop

from cli.api_server import BACKLOG, server_of
from cli.banner import show_banner
from cli.installation import database_of, faults_in_a_sentence
from cli.supervisor import Supervisor
from core.database import Database
from core.errors import Conflict
from core.logging import configure_logging
from core.security.weak_secrets import refuse_weak_secrets
from core.settings import Settings, get_settings

WORKER_GRACE_S = 3


def serve(
    worker: Annotated[bool, typer.Option(help="Also do background jobs.")] = True,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes of the API on the port.")] = 1,
) -> None:
    """Start everything on this machine and print the link."""
    settings = get_settings()
    configure_logging(settings.log_level, settings.log_format)
    # Ends like Ctrl-C, in good order: uvicorn sends itself the signal once more when it has shut down.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with faults_in_a_sentence():
        refuse_weak_secrets(settings)
    with (
        faults_in_a_sentence(),
        _listening(settings) as listener,
        database_of(settings) as conninfo,
        contextlib.suppress(KeyboardInterrupt),
    ):
        uvloop.run(_serve(settings, conninfo, listener, workers, worker=worker))


async def _serve(
    settings: Settings, conninfo: str, listener: socket.socket, processes: int, *, worker: bool
) -> None:
    from api.organizations.demo import ensure_demo

    database = Database(conninfo, size=2)
    await database.open()
    try:
        password = settings.owner_password.get_secret_value() if settings.owner_password else None
        access = await ensure_demo(database, settings.owner_email, password)
    finally:
        await database.close()

    def ready() -> None:
        show_banner(settings, access)

    if processes > 1:
        with tempfile.TemporaryDirectory(prefix="limitless-metrics-") as metrics:
            supervisor = Supervisor(listener, conninfo, Path(metrics))
            await supervisor.run(processes, worker=worker, ready=ready)
        return
    working = asyncio.create_task(_work(settings, conninfo)) if worker else None
    try:
        await server_of(settings, conninfo, ready).serve(sockets=[listener])
    finally:
        if working is not None:
            working.cancel()
            await asyncio.wait([working], timeout=WORKER_GRACE_S)


async def _work(settings: Settings, conninfo: str) -> None:
    from ingestion_worker.worker import run_worker

    await run_worker(settings, conninfo)


@contextlib.contextmanager
def _listening(settings: Settings) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET6 if ":" in settings.host else socket.AF_INET) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((settings.host, settings.port))
        except OSError as fault:
            raise Conflict(
                f"Port {settings.port} is in use; stop what uses it, or set PORT to another one."
            ) from fault
        listener.listen(BACKLOG)
        yield listener
