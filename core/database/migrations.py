"""Brings a database up to date, and keeps the same books as the Supabase CLI.

What has run stands in ``supabase_migrations.schema_migrations`` (version, statements, name), so either
tool may go on where the other stopped. Two processes may migrate at once: the second waits.
"""

import time
from dataclasses import dataclass
from pathlib import Path

import psycopg

from core.errors import Unavailable

_LOCK = 4_702_118_211
_LOCK_TIMEOUT_S = 120.0
_BOOKS = """
create schema if not exists supabase_migrations;
create table if not exists supabase_migrations.schema_migrations (
    version text not null primary key, statements text[], name text
);
"""


@dataclass(frozen=True, slots=True)
class Migration:
    """One file of ``supabase/migrations``."""

    version: str
    name: str
    sql: str


def shipped() -> list[Migration]:
    """The migrations that belong to this code, oldest first."""
    return [_read(file) for file in sorted((_folder() / "migrations").glob("*.sql"))]


def pending(connection: psycopg.Connection) -> list[Migration]:
    """What has not run on this database yet."""
    done = {row[0] for row in connection.execute("select version from supabase_migrations.schema_migrations")}
    return [m for m in shipped() if m.version not in done]


def migrate(conninfo: str) -> list[Migration]:
    """Apply what is missing, each migration in a transaction of its own; returns what was applied."""
    try:
        connection = psycopg.connect(conninfo, autocommit=True, connect_timeout=10)
    except psycopg.OperationalError as fault:
        raise Unavailable(f"The database cannot be reached: {fault}") from fault
    with connection:
        _lock(connection)
        _run(connection, (_folder() / "roles.sql").read_text())
        _run(connection, _BOOKS)
        applied = pending(connection)
        for migration in applied:
            _apply(connection, migration)
    return applied


def _apply(connection: psycopg.Connection, migration: Migration) -> None:
    with connection.transaction():
        _run(connection, migration.sql)
        connection.execute(
            "insert into supabase_migrations.schema_migrations (version, statements, name)"
            " values (%s, %s, %s)",
            (migration.version, [migration.sql], migration.name),
        )


def _lock(connection: psycopg.Connection) -> None:
    deadline = time.monotonic() + _LOCK_TIMEOUT_S
    # Asked for again and again: a waiting lock would hold a snapshot that index builds wait for.
    while connection.execute("select pg_try_advisory_lock(%s)", (_LOCK,)).fetchone() != (True,):
        if time.monotonic() > deadline:
            raise Unavailable("Another process has been migrating this database for two minutes.")
        time.sleep(0.2)


def _run(connection: psycopg.Connection, sql: str) -> None:
    connection.execute(sql.encode(), prepare=False)


def _folder() -> Path:
    """``supabase/``: inside the package when installed from a wheel, beside it in a checkout."""
    here = Path(__file__)
    packed = here.parent / "supabase"
    return packed if packed.is_dir() else here.parents[2] / "supabase"


def _read(file: Path) -> Migration:
    version, _, name = file.stem.partition("_")
    return Migration(version, name, file.read_text())
