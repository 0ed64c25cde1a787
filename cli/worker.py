"""`limitless worker`: background jobs alone."""

import asyncio
import contextlib
import signal
from typing import Annotated

import typer
import uvloop

from cli.installation import faults_in_a_sentence
from core.database.migrations import migrate
from core.errors import InvalidInput
from core.logging import configure_logging
from core.security.weak_secrets import refuse_weak_secrets
from core.settings import Settings, get_settings


def worker(
    concurrency: Annotated[int, typer.Option(min=1, max=64, help="Jobs at once.")] = 2,
) -> None:
    """Take jobs from the database at DATABASE_URL."""
    settings = get_settings()
    configure_logging(settings.log_level, settings.log_format)
    with faults_in_a_sentence(), contextlib.suppress(KeyboardInterrupt, asyncio.CancelledError):
        if settings.database_url is None:
            raise InvalidInput(
                "The embedded database belongs to `limitless serve`, which works itself; set DATABASE_URL."
            )
        refuse_weak_secrets(settings)
        conninfo = settings.database_url.get_secret_value()
        migrate(conninfo)
        uvloop.run(_work(settings, conninfo, concurrency))


async def _work(settings: Settings, conninfo: str, concurrency: int) -> None:
    """Until SIGTERM or Ctrl-C; what is under way then gets a moment to end."""
    from ingestion_worker.worker import run_worker

    working = asyncio.ensure_future(run_worker(settings, conninfo, concurrency))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, working.cancel)
    await working
