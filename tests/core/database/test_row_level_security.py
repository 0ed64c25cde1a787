"""Every table of every tenant: what one organization does never reaches another's rows."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import psycopg
import pytest
from psycopg import sql
from psycopg.rows import dict_row

from core.database import Claims
from core.database.claims import STATE_CLAIMS

SCHEMAS = ("public", "checkpoints")
OURS, THEIRS = "org_a", "org_b"
LIBRARY_BOOKS = {"checkpoint_migrations"}
"""Which version of the checkpointer's tables these are; the app may not touch it at all."""
_VALUES = {
    "text": "'x'",
    "int2": "1",
    "int4": "1",
    "int8": "1",
    "float4": "0",
    "float8": "0",
    "numeric": "0",
    "bool": "false",
    "timestamptz": "now()",
    "date": "current_date",
    "jsonb": "'{}'",
    "bytea": "'\\x00'",
    "uuid": "gen_random_uuid()",
    "_text": "'{}'",
    "_int4": "'{}'",
    "_int8": "'{}'",
    "tsvector": "''::tsvector",
    "inet": "'127.0.0.1'",
    "interval": "'1 day'",
    "vector": "'[1,2]'",
    "regconfig": "'simple'",
}


@dataclass(frozen=True, slots=True)
class Table:
    """A table and what an insert must fill."""

    schema: str
    name: str
    row_security: bool
    forced: bool
    policies: int
    columns: tuple[str, ...]
    required: tuple[tuple[str, str], ...]

    @property
    def id(self) -> sql.Identifier:
        return sql.Identifier(self.schema, self.name)

    @property
    def belongs(self) -> bool:
        """Whether its rows are an organization's, or a person's, who belongs to it by membership."""
        return bool({"organization_id", "user_id"} & set(self.columns)) or self.name in (
            "organizations",
            "users",
        )

    def insert(self, organization: str) -> sql.Composed:
        """One row of ``organization``."""
        values = {column: _VALUES[kind] for column, kind in self.required}
        if self.name == "organizations":
            values["id"] = f"'{organization}'"
        elif self.name == "users":
            values["id"] = f"'user_of_{organization}'"
        if "organization_id" in self.columns:
            values["organization_id"] = f"'{organization}'"
        if "user_id" in self.columns:
            values["user_id"] = f"'user_of_{organization}'"
        columns = sql.SQL(", ").join(map(sql.Identifier, values))
        return sql.SQL("insert into {} ({}) values ({})").format(
            self.id, columns, sql.SQL(", ").join(map(sql.SQL, values.values()))
        )


@pytest.fixture
def tables(fresh_database: Callable[..., str]) -> Iterator[tuple[psycopg.Connection, list[Table]]]:
    """Every table with one row of the other organization in it; constraints aside, all of it undone."""
    with psycopg.connect(fresh_database(migrated=True)) as connection:
        found = _with_rows(connection)
        yield connection, found
        connection.rollback()


def _with_rows(connection: psycopg.Connection) -> list[Table]:
    connection.execute("set session_replication_role = replica")
    found = [table for table in _tables(connection) if table.name not in LIBRARY_BOOKS]
    for table in found:
        for (name,) in connection.execute(
            "select conname from pg_constraint where conrelid = %s::regclass and contype in ('c', 'f')",
            (f"{table.schema}.{table.name}",),
        ).fetchall():
            drop = sql.SQL("alter table {} drop constraint if exists {} cascade")
            connection.execute(drop.format(table.id, sql.Identifier(name)))
        if table.belongs:
            connection.execute(table.insert(THEIRS))
    connection.execute("set session_replication_role = origin")
    return found


def test_every_table_has_forced_policies_and_an_organization(
    tables: tuple[psycopg.Connection, list[Table]],
) -> None:
    for table in tables[1]:
        assert table.row_security, f"{table.name} has no row-level security"
        assert table.forced, f"{table.name} does not force it"
        assert table.policies, f"{table.name} has no policy"
        assert table.belongs, f"{table.name} belongs to no organization"


def test_a_table_without_policies_is_noticed(fresh_database: Callable[..., str]) -> None:
    with psycopg.connect(fresh_database(migrated=True)) as connection:
        connection.execute("create table forgotten (id text)")
        forgotten = next(table for table in _tables(connection) if table.name == "forgotten")
    assert not forgotten.row_security
    assert not forgotten.policies


def test_the_other_organization_sees_its_own_rows(
    tables: tuple[psycopg.Connection, list[Table]],
) -> None:
    connection, found = tables
    _become(connection, THEIRS)
    for table in found:
        if _may(connection, table, "select"):
            assert _count(connection, table) == 1, table.name


@pytest.mark.parametrize("organization", [OURS, None])
def test_nothing_of_another_organization_can_be_reached(
    tables: tuple[psycopg.Connection, list[Table]], organization: str | None
) -> None:
    connection, found = tables
    _become(connection, organization)
    for table in found:
        if _may(connection, table, "select"):
            assert _count(connection, table) == 0, f"{table.name} can be read"
        column = sql.Identifier(table.columns[0])
        change = sql.SQL("update {} set {} = {}").format(table.id, column, column)
        assert _affected(connection, change) == 0, f"{table.name} can be changed"
        assert _affected(connection, sql.SQL("delete from {}").format(table.id)) == 0, (
            f"{table.name} can be deleted from"
        )
        if table.name == "users":
            continue  # a user belongs to an organization by membership alone
        with pytest.raises(psycopg.errors.InsufficientPrivilege), connection.transaction():
            connection.execute(table.insert(THEIRS))


def test_the_app_owns_nothing_and_bypasses_nothing(fresh_database: Callable[..., str]) -> None:
    with psycopg.connect(fresh_database(migrated=True)) as connection:
        row = connection.execute(
            "select rolsuper, rolbypassrls, rolcanlogin from pg_roles where rolname = 'limitless_app'"
        ).fetchone()
        assert row == (False, False, False)
        owned = connection.execute(
            "select count(*) from pg_class where relowner = 'limitless_app'::regrole"
        ).fetchone()
        assert owned == (0,)


def test_a_lead_reaches_one_conversation(tables: tuple[psycopg.Connection, list[Table]]) -> None:
    connection, _ = tables
    for thread, seen in (("x", 1), ("another", 0)):
        connection.execute("select set_config('role', 'none', true)")
        claims = Claims.for_lead(THEIRS, thread)
        connection.execute(STATE_CLAIMS, (claims.as_json(),))
        for table, column in (("conversations", "id"), ("turns", "conversation_id")):
            query = sql.SQL("select count(*) from {} where {} = 'x'")
            row = connection.execute(query.format(sql.Identifier(table), sql.Identifier(column))).fetchone()
            assert row == (seen,), table


def _become(connection: psycopg.Connection, organization: str | None) -> None:
    person = f"user_of_{organization}"
    claims = Claims.for_organization(organization, person) if organization else Claims.nobody()
    connection.execute(STATE_CLAIMS, (claims.as_json(),))


def _count(connection: psycopg.Connection, table: Table) -> int:
    row = connection.execute(sql.SQL("select count(*) from {}").format(table.id)).fetchone()
    assert row is not None
    return int(row[0])


def _affected(connection: psycopg.Connection, statement: sql.Composed) -> int:
    """Rows that a statement reached; a privilege that the app lacks reaches none."""
    try:
        with connection.transaction():
            return connection.execute(statement).rowcount
    except psycopg.errors.InsufficientPrivilege:
        return 0


def _may(connection: psycopg.Connection, table: Table, privilege: str) -> bool:
    row = connection.execute(
        "select has_table_privilege(%s, %s)", (f"{table.schema}.{table.name}", privilege)
    ).fetchone()
    return row == (True,)


def _tables(connection: psycopg.Connection) -> list[Table]:
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(
            """
            select n.nspname as schema, c.relname as name, c.relrowsecurity, c.relforcerowsecurity,
                (select count(*) from pg_policy p where p.polrelid = c.oid) as policies,
                array(select a.attname::text from pg_attribute a
                      where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
                      and a.attgenerated = '' and a.attidentity = ''
                      order by a.attnum) as columns,
                array(select array[a.attname::text, t.typname::text] from pg_attribute a
                      join pg_type t on t.oid = a.atttypid
                      where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
                      and a.attnotnull and not a.atthasdef and a.attidentity = '') as required
            from pg_class c join pg_namespace n on n.oid = c.relnamespace
            where n.nspname = any(%s) and c.relkind in ('r', 'p') order by 1, 2
            """,
            (list(SCHEMAS),),
        ).fetchall()
    return [
        Table(
            row["schema"],
            row["name"],
            row["relrowsecurity"],
            row["relforcerowsecurity"],
            row["policies"],
            tuple(row["columns"]),
            tuple((column, kind) for column, kind in row["required"]),
        )
        for row in rows
    ]
