"""One process of the API, on a socket that listens already."""

import asyncio
import contextlib
import gc
import os
import socket
from collections.abc import Callable

import uvicorn
import uvloop
from fastapi import FastAPI

from cli.http_protocol import BoundedHttp
from core.logging import configure_logging
from core.settings import Settings, get_settings
from core.tracing import start_tracing

GRACE_S = 1
BACKLOG = 2048
LISTENER = "LIMITLESS_LISTENER"
"""Names the file descriptor that a supervised process inherits."""


class Server(uvicorn.Server):
    """Says when it is ready, and lets running turns end, and their streams with them, before it closes."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start as ever, then tell."""
        await super().startup(sockets)
        _settle_memory()
        self._ready()
        self._warming = asyncio.create_task(_warm())

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Drain, then shut down as ever."""
        app = self.config.app
        if isinstance(app, FastAPI) and (parts := getattr(app.state, "parts", None)) is not None:
            await parts.runner.drain(parts.drain_s)
        await super().shutdown(sockets)


async def _warm() -> None:
    """Load what a start leaves out, so that the first lead need not wait for it."""
    from agent.context import AgentContext, scripted_responder, warm
    from agent.playbook.default import default_playbook

    await warm(AgentContext(default_playbook(), scripted_responder()))
    _settle_memory()


def _settle_memory() -> None:
    """Leave what start-up made to itself: a full collection of it stops every stream for over 100 ms.

    A hundred turns at once hold fewer objects than the first threshold: none of them waits for a collection.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 50, 1000)


def server_of(settings: Settings, conninfo: str, ready: Callable[[], None]) -> Server:
    """A server of the application over the database at ``conninfo``."""
    from api.app import create_app

    start_tracing(settings.otel_exporter_otlp_endpoint)
    config = uvicorn.Config(
        create_app(settings, conninfo),
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=GRACE_S,
        backlog=BACKLOG,
        server_header=False,
        http=BoundedHttp,
        proxy_headers=False,  # TRUSTED_PROXIES says who is believed: see `api.forwarded`
    )
    return Server(config, ready)


def main() -> None:
    """Serve for a supervisor, which hands over the socket and DATABASE_URL."""
    settings = get_settings()
    configure_logging(settings.log_level, settings.log_format)
    if settings.database_url is None:
        raise SystemExit("DATABASE_URL is not set: this process is started by `limitless serve`.")
    listener = socket.socket(fileno=int(os.environ[LISTENER]))
    server = server_of(settings, settings.database_url.get_secret_value(), ready=lambda: None)
    # uvicorn has shut down by then, and sends itself the signal once more.
    with contextlib.suppress(KeyboardInterrupt):
        uvloop.run(server.serve(sockets=[listener]))


if __name__ == "__main__":
    main()
