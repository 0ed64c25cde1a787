"""A real Postgres, migrated, one database for each test process, and everything that stands on it."""

import fcntl
import os
import secrets
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from hypothesis import HealthCheck
from hypothesis import settings as examples
from psycopg import sql

from core.database import Database
from core.database.embedded import EmbeddedPostgres
from core.database.migrations import migrate
from core.settings import Settings

TEMPLATE = "migrated"

# How long an example takes is the machine's affair, and no test's.
examples.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
examples.load_profile("untimed")


@pytest.fixture(scope="session", autouse=True)
def _nothing_beyond_loopback() -> Iterator[None]:
    """A test that reaches for the internet fails at once."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: object) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and isinstance(address, tuple):
            host = str(address[0])
            if not (host.startswith("127.") or host in ("::1", "localhost")):
                raise RuntimeError(f"a test reached beyond loopback: {address}")
        connect(self, address)  # type: ignore[arg-type]

    patch = pytest.MonkeyPatch()
    patch.setattr(socket.socket, "connect", guarded)
    yield
    patch.undo()


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all test processes of a run."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if os.environ.get("PYTEST_XDIST_WORKER") else own


@pytest.fixture(scope="session")
def postgres(shared_folder: Path) -> Iterator[str]:
    """The connection string of one server for the whole run; whoever is last stops it."""
    folder = shared_folder / "postgres"
    folder.mkdir(exist_ok=True)
    server = EmbeddedPostgres(folder)
    with _counted(folder) as counter:
        conninfo = server.start()
        if counter.first:
            _make_template(conninfo)
    yield conninfo
    with _counted(folder, leaving=True) as counter:
        if counter.last:
            server.stop()


@pytest.fixture(scope="session")
def conninfo(postgres: str) -> str:
    """A migrated database of this test process's own."""
    name = f"test_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(
            sql.SQL("create database {} template {}").format(sql.Identifier(name), sql.Identifier(TEMPLATE))
        )
    return psycopg.conninfo.make_conninfo(postgres, dbname=name)


@pytest.fixture
def fresh_database(postgres: str) -> Iterator[Callable[..., str]]:
    """Makes databases of a test's own: empty ones, or migrated ones."""
    made: list[str] = []

    def make(*, migrated: bool = False) -> str:
        made.append(f"fresh_{secrets.token_hex(6)}")
        template = sql.Identifier(TEMPLATE if migrated else "template1")
        with psycopg.connect(postgres, autocommit=True) as connection:
            connection.execute(
                sql.SQL("create database {} template {}").format(sql.Identifier(made[-1]), template)
            )
        return psycopg.conninfo.make_conninfo(postgres, dbname=made[-1])

    yield make
    with psycopg.connect(postgres, autocommit=True) as connection:
        for name in made:
            connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


@pytest.fixture(scope="session")
async def database(conninfo: str) -> AsyncIterator[Database]:
    """The pool, as the app opens it."""
    opened = Database(conninfo, size=10)
    await opened.open()
    yield opened
    await opened.close()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """The defaults, in a folder of the test's own; limits are off, as most tests are not about them."""
    return Settings(
        _env_file=None,
        data_dir=tmp_path / "data",
        rate_limit_chat="",
        rate_limit_chat_address="",
        rate_limit_chat_campaign="",
        rate_limit_campaigns="",
        rate_limit_authentication="",
        rate_limit_documents_upload="",
    )


class _Counter:
    def __init__(self, before: int, after: int) -> None:
        self.first = before == 0 and after == 1
        self.last = after == 0


class _counted:  # noqa: N801 - used as a context manager alone
    """Counts the test processes that use the server, across processes."""

    def __init__(self, folder: Path, *, leaving: bool = False) -> None:
        self._path = folder / "users"
        self._step = -1 if leaving else 1

    def __enter__(self) -> _Counter:
        self._file = self._path.open("a+")
        fcntl.flock(self._file, fcntl.LOCK_EX)
        self._file.seek(0)
        before = int(self._file.read() or 0)
        self._file.truncate(0)
        self._file.write(str(before + self._step))
        self._file.flush()
        return _Counter(before, before + self._step)

    def __exit__(self, *_: object) -> None:
        self._file.close()


def _make_template(conninfo: str) -> None:
    with psycopg.connect(conninfo, autocommit=True) as connection:
        exists = connection.execute("select from pg_database where datname = %s", (TEMPLATE,)).fetchone()
        if exists is None:
            connection.execute(sql.SQL("create database {}").format(sql.Identifier(TEMPLATE)))
    migrate(psycopg.conninfo.make_conninfo(conninfo, dbname=TEMPLATE))
