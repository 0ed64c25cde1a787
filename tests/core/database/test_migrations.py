"""Migrating: once, together, and in the Supabase CLI's books."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
from langgraph.checkpoint.postgres.base import MIGRATIONS
from procrastinate.schema import SchemaManager

from core.database.embedded import EmbeddedPostgres
from core.database.migrations import migrate, shipped

FreshDatabase = Callable[..., str]


def test_two_processes_at_once_apply_each_migration_once(fresh_database: FreshDatabase) -> None:
    conninfo = fresh_database()
    with ThreadPoolExecutor(4) as pool:
        applied = list(pool.map(migrate, [conninfo] * 4))
    assert sorted(len(each) for each in applied) == [0, 0, 0, len(shipped())]


def test_a_managed_databases_owner_is_no_superuser(tmp_path: Path) -> None:
    # A cluster of its own: the roles of the tests' one belong to its superuser.
    server = EmbeddedPostgres(tmp_path)
    conninfo = server.start()
    try:
        with psycopg.connect(conninfo, autocommit=True) as connection:
            connection.execute("create role owner login createrole bypassrls")
            connection.execute("create database managed owner owner")
        managed = psycopg.conninfo.make_conninfo(conninfo, dbname="managed")
        with psycopg.connect(managed, autocommit=True) as connection:
            connection.execute("create schema extensions; create extension vector schema extensions")
            connection.execute("grant usage on schema extensions to owner")
        assert len(migrate(psycopg.conninfo.make_conninfo(managed, user="owner"))) == len(shipped())
    finally:
        server.stop()


def test_the_books_are_the_supabase_clis(fresh_database: FreshDatabase) -> None:
    conninfo = fresh_database(migrated=True)
    with psycopg.connect(conninfo) as connection:
        rows = connection.execute(
            "select version, name, statements from supabase_migrations.schema_migrations order by version"
        ).fetchall()
    assert [(m.version, m.name, [m.sql]) for m in shipped()] == rows
    assert all(len(m.version) == 14 and m.version.isdigit() for m in shipped())


def test_every_migration_bounds_its_locks_and_statements() -> None:
    for migration in shipped():
        assert "set lock_timeout = " in migration.sql, migration.name
        assert "set statement_timeout = " in migration.sql, migration.name
        assert migration.sql.rstrip().endswith("reset statement_timeout;"), migration.name


def test_a_migrated_database_has_nothing_left_to_do(fresh_database: FreshDatabase) -> None:
    assert migrate(fresh_database(migrated=True)) == []


def test_the_checkpointers_tables_are_those_of_the_installed_library(
    fresh_database: FreshDatabase,
) -> None:
    with psycopg.connect(fresh_database(migrated=True)) as connection:
        row = connection.execute("select max(v) from checkpoints.checkpoint_migrations").fetchone()
    assert row == (len(MIGRATIONS) - 1,)


def test_the_job_queues_schema_is_that_of_the_installed_library() -> None:
    kept = next(m for m in shipped() if m.name == "create_job_queue")
    assert SchemaManager.get_schema().strip() in kept.sql
