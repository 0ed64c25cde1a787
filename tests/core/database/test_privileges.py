"""Who may touch what, past the policies: other schemas, views, and the roles of a public Supabase API."""

from collections.abc import Callable, Iterator

import psycopg
import pytest

from core.database import Claims
from core.database.claims import STATE_CLAIMS

OURS = "not starts_with(n.nspname, 'pg_') and n.nspname <> 'information_schema'"
POLICED = ("public", "checkpoints")
"""What stands here is tried row by row elsewhere."""


@pytest.fixture
def postgres_of(fresh_database: Callable[..., str]) -> Iterator[psycopg.Connection]:
    with psycopg.connect(fresh_database(migrated=True)) as connection:
        yield connection
        connection.rollback()


def relations(connection: psycopg.Connection, role: str, kinds: str = "rpvmf") -> set[str]:
    """What ``role`` may read or change."""
    rows = connection.execute(
        "select n.nspname || '.' || c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace"  # noqa: S608
        f" where {OURS} and c.relkind = any(%s) and has_schema_privilege(%s, n.oid, 'usage')"
        " and has_table_privilege(%s, c.oid, 'select, insert, update, delete, truncate')",
        (list(kinds), role, role),
    ).fetchall()
    return {row[0] for row in rows}


def careless_views(connection: psycopg.Connection) -> list[str]:
    """Views that read as their owner, past the reader's policies."""
    rows = connection.execute(
        "select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace"  # noqa: S608
        f" where {OURS} and (c.relkind = 'm' or c.relkind = 'v'"
        " and not coalesce(c.reloptions, '{}') && array['security_invoker=true', 'security_invoker=on'])"
    ).fetchall()
    return [row[0] for row in rows]


def test_beyond_the_policed_schemas_the_app_reads_one_table_without_secrets_and_changes_nothing(
    postgres_of: psycopg.Connection,
) -> None:
    reached = relations(postgres_of, "limitless_app")
    assert {name for name in reached if name.split(".")[0] not in POLICED} == {"app.vault_masters"}
    postgres_of.execute(
        "insert into app.vault_masters (id, key_id, salt, iterations)"
        " values ('m', 'k', decode(repeat('00', 16), 'hex'), 600000)"
    )
    claims = Claims.for_organization("org_a", "user_a")
    postgres_of.execute(STATE_CLAIMS, (claims.as_json(),))
    columns = postgres_of.execute("select * from app.vault_masters").description or ()
    assert {column.name for column in columns} == {"id", "key_id", "salt", "iterations", "created_at"}
    for change in ("update app.vault_masters set iterations = 100000", "delete from app.vault_masters"):
        assert postgres_of.execute(change.encode()).rowcount == 0


@pytest.mark.parametrize("role", ["anon", "authenticated"])
def test_the_roles_of_a_public_api_reach_nothing(postgres_of: psycopg.Connection, role: str) -> None:
    assert relations(postgres_of, role) == set()
    functions = postgres_of.execute(
        "select p.proname from pg_proc p join pg_namespace n on n.oid = p.pronamespace"
        " where n.nspname in ('app', 'public', 'jobs', 'checkpoints')"
        " and has_schema_privilege(%s, n.oid, 'usage') and has_function_privilege(%s, p.oid, 'execute')",
        (role, role),
    ).fetchall()
    assert functions == []


def test_every_view_is_read_with_its_readers_rights(postgres_of: psycopg.Connection) -> None:
    assert careless_views(postgres_of) == []
    postgres_of.execute("create view public.everybody as select * from public.users")
    postgres_of.execute("create view public.own with (security_invoker = true) as select * from public.users")
    assert careless_views(postgres_of) == ["everybody"]


def test_a_table_that_is_open_to_the_public_is_noticed(postgres_of: psycopg.Connection) -> None:
    postgres_of.execute("create table public.open_to_all (id text)")
    postgres_of.execute("grant select on public.open_to_all to anon")
    postgres_of.execute("grant usage on schema public to anon")
    assert relations(postgres_of, "anon") == {"public.open_to_all"}
