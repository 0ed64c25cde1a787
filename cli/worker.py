"""`limitless worker`: background jobs alone."""

import contextlib
from typing import Annotated

import typer
import uvloop

from cli.installation import faults_in_a_sentence
from core.database.migrations import migrate
from core.errors import InvalidInput
from core.logging import configure_logging
from core.settings import get_settings


def worker(
    concurrency: Annotated[int, typer.Option(min=1, max=64, help="Jobs at once.")] = 2,
) -> None:
    """Take jobs from the database at DATABASE_URL."""
    settings = get_settings()
    configure_logging(settings.log_level, settings.log_format)
    with faults_in_a_sentence(), contextlib.suppress(KeyboardInterrupt):
        if settings.database_url is None:
            raise InvalidInput(
                "The embedded database belongs to `limitless serve`, which works itself; set DATABASE_URL."
            )
        conninfo = settings.database_url.get_secret_value()
        migrate(conninfo)
        from ingestion_worker.worker import run_worker

        uvloop.run(run_worker(settings, conninfo, concurrency))
