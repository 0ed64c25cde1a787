"""A database for a whole module, and a Python of its own."""

import os
import secrets
import subprocess
import sys
from collections.abc import Callable, Iterator

import psycopg
import pytest
from psycopg import sql

from tests.conftest import TEMPLATE


@pytest.fixture(scope="module")
def module_database(postgres: str) -> Iterator[str]:
    """A migrated database."""
    name = sql.Identifier(f"traced_{secrets.token_hex(6)}")
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(sql.SQL("create database {} template {}").format(name, sql.Identifier(TEMPLATE)))
        yield psycopg.conninfo.make_conninfo(postgres, dbname=name.as_string(None).strip('"'))
        connection.execute(sql.SQL("drop database {} with (force)").format(name))


@pytest.fixture
def run_python() -> Callable[[str], str]:
    """Runs a line in a process of its own, and returns what it printed."""

    def run(line: str) -> str:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("OTEL_")}
        done = subprocess.run(
            [sys.executable, "-c", line],
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        return done.stdout.strip()

    return run
