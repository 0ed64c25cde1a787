"""Functions that act past row-level security: what they tell and change of another organization."""

from collections.abc import Callable, Iterator

import psycopg
import pytest
from psycopg import sql

from core.database import Claims
from core.database.claims import STATE_CLAIMS
from tests.core.database.test_row_level_security import OURS, THEIRS, Table, _with_rows

ACROSS = {
    # Who asks has a secret or a public name of what they ask about.
    "account_by_email": "signing in, before anybody is known",
    "campaign_by_code": "a campaign's code is public",
    "checkout_owner": "a link to pay is public",
    "payment_owner": "Stripe names the payment",
    "subscription_owner": "Stripe names the subscription",
    "count_request": "says the name of the limit back",
    # What goes through every organization on purpose: it names ids and nothing else.
    "abandoned_turns": "a runner takes over the turns of every organization",
    "documents_of_other_models": "a new embedding model concerns every organization",
    "every_organization": "jobs that look after each organization",
    "idle_documents": "documents of every organization whose worker died",
}
CHANGES = {
    "await_payment": "Stripe's events are put in order before it is known whose they are",
    "settle_stripe_event": "the same",
    "link_supabase_identity": "an identity that Supabase has proven finds its account",
}
_VALUES = {
    "text": ("'nobody'", "'x'", f"'{THEIRS}'", f"'user_of_{THEIRS}'"),
    "bytea": ("'\\xffff'",),
    "interval": ("interval '1 day'",),
    "integer": ("1000",),
    "bigint": ("0",),
    "jsonb": ("'{}'",),
    "text[]": ("array['simple']", f"array['x', '{THEIRS}']", "array['simple', 'x']"),
    "integer[]": ("array[1]", "array[1, 1]"),
    "timestamp with time zone": ("now()",),
}


@pytest.fixture
def database(fresh_database: Callable[..., str]) -> Iterator[tuple[psycopg.Connection, list[Table]]]:
    """Every table with one row of the other organization in it; all of it undone."""
    with psycopg.connect(fresh_database(migrated=True)) as connection:
        yield connection, _with_rows(connection)
        connection.rollback()


def test_no_function_tells_or_changes_anything_of_another_organization(
    database: tuple[psycopg.Connection, list[Table]],
) -> None:
    connection, tables = database
    before = _theirs(connection, tables)
    told, changed = set(), set()
    for name, call in _calls(connection):
        with connection.transaction(force_rollback=True):
            claims = Claims.for_organization(OURS, f"user_of_{OURS}")
            connection.execute(STATE_CLAIMS, (claims.as_json(),))
            if THEIRS in _result(connection, call):
                told.add(name)
            connection.execute("select set_config('role', 'none', true)")
            if _theirs(connection, tables) != before:
                changed.add(name)
    assert changed <= set(CHANGES), f"these change another organization's rows: {changed - set(CHANGES)}"
    assert told <= set(ACROSS), f"these tell of another organization: {told - set(ACROSS)}"


def _calls(connection: psycopg.Connection) -> list[tuple[str, sql.Composed]]:
    """Each function that acts as its owner and that the app may call, with each kind of argument."""
    rows = connection.execute(
        "select p.proname, array(select format_type(t, null) from unnest(p.proargtypes) t)"
        " from pg_proc p join pg_namespace n on n.oid = p.pronamespace"
        " where n.nspname in ('app', 'public') and p.prosecdef and p.prorettype <> 'trigger'::regtype"
        " and has_function_privilege('limitless_app', p.oid, 'execute') order by 1"
    ).fetchall()
    assert len(rows) > 30
    calls = []
    for name, kinds in rows:
        for variant in range(4):
            values = [_VALUES[kind][min(variant, len(_VALUES[kind]) - 1)] for kind in kinds]
            arguments = sql.SQL(", ").join(map(sql.SQL, values))
            calls.append(
                (name, sql.SQL("select r::text from app.{}({}) r").format(sql.Identifier(name), arguments))
            )
    return calls


def _result(connection: psycopg.Connection, call: sql.Composed) -> str:
    try:
        with connection.transaction():
            return str(connection.execute(call).fetchall())
    except (psycopg.errors.DataError, psycopg.errors.UndefinedObject):
        return ""


def _theirs(connection: psycopg.Connection, tables: list[Table]) -> dict[str, str]:
    """What the other organization's rows hold."""
    person = f"user_of_{THEIRS}"
    found = {}
    for table in tables:
        column, value = next(
            (
                (column, value)
                for column, value in (("organization_id", THEIRS), ("user_id", person), ("chain", THEIRS))
                if column in table.columns
            ),
            ("id", person if table.name == "users" else THEIRS),
        )
        query = sql.SQL("select t::text from {} t where {} = %s order by 1")
        rows = connection.execute(query.format(table.id, sql.Identifier(column)), (value,))
        found[table.name] = str(rows.fetchall())
    return found
