"""The database that a command works on: the one that is set, or the embedded one."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from core.database.embedded import EmbeddedPostgres, locked
from core.database.migrations import migrate
from core.errors import Conflict, LimitlessError
from core.settings import Settings


@contextmanager
def database_of(settings: Settings) -> Iterator[str]:
    """A migrated database's connection string; an embedded one is started, and stopped at the end.

    Raises `core.errors.Conflict` when another process runs on the same DATA_DIR.
    """
    with locked(settings.data_dir):
        if settings.database_url is not None:
            conninfo = settings.database_url.get_secret_value()
            migrate(conninfo)
            yield conninfo
            return
        postgres = EmbeddedPostgres(settings.data_dir)
        conninfo = postgres.start()
        try:
            migrate(conninfo)
            yield conninfo
        finally:
            postgres.stop()


@contextmanager
def database_in_use(settings: Settings) -> Iterator[str]:
    """The same, also beside a process that serves: its embedded database is shared, and left running."""
    if settings.database_url is not None:
        yield settings.database_url.get_secret_value()
        return
    try:
        with locked(settings.data_dir):
            pass
    except Conflict:
        yield EmbeddedPostgres(settings.data_dir).start()
        return
    with database_of(settings) as conninfo:
        yield conninfo


@contextmanager
def faults_in_a_sentence() -> Iterator[None]:
    """End the command with the fault's message instead of a stack trace."""
    try:
        yield
    except LimitlessError as fault:
        print(f"limitless: {fault.message}", file=sys.stderr)
        raise SystemExit(1) from fault
