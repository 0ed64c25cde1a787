"""`limitless serve`: the API, the pages and the worker, on one machine."""

import asyncio
import contextlib
import socket
from collections.abc import Callable, Iterator
from typing import Annotated

import typer
import uvicorn
import uvloop
from fastapi import FastAPI

from cli.banner import show_banner
from cli.installation import database_of, faults_in_a_sentence
from core.database import Database
from core.errors import Conflict
from core.logging import configure_logging
from core.settings import Settings, get_settings

GRACE_S = 1
BACKLOG = 2048


def serve(
    worker: Annotated[bool, typer.Option(help="Also do background jobs in this process.")] = True,
) -> None:
    """Start everything on this machine and print the link."""
    settings = get_settings()
    configure_logging(settings.log_level, settings.log_format)
    with (
        faults_in_a_sentence(),
        _listening(settings) as listener,
        database_of(settings) as conninfo,
        contextlib.suppress(KeyboardInterrupt),
    ):
        uvloop.run(_serve(settings, conninfo, listener, worker))


class Server(uvicorn.Server):
    """Says when it is ready, and lets running turns end, and their streams with them, before it closes."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start as ever, then tell."""
        await super().startup(sockets)
        self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Drain, then shut down as ever."""
        app = self.config.app
        if isinstance(app, FastAPI) and (parts := getattr(app.state, "parts", None)) is not None:
            await parts.runner.drain(parts.drain_s)
        await super().shutdown(sockets)


async def _serve(settings: Settings, conninfo: str, listener: socket.socket, worker: bool) -> None:
    from api.app import create_app
    from api.organizations.demo import ensure_demo

    database = Database(conninfo, size=2)
    await database.open()
    try:
        password = settings.owner_password.get_secret_value() if settings.owner_password else None
        access = await ensure_demo(database, settings.owner_email, password)
    finally:
        await database.close()
    server = Server(
        uvicorn.Config(
            create_app(settings, conninfo),
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=GRACE_S,
            backlog=BACKLOG,
            server_header=False,
            forwarded_allow_ips=settings.trusted_proxies or None,
            proxy_headers=bool(settings.trusted_proxies),
        ),
        ready=lambda: show_banner(settings, access),
    )
    working = asyncio.create_task(_work(settings, conninfo)) if worker else None
    await server.serve(sockets=[listener])
    if working is not None:
        working.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await working


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
