"""An installation of the first release goes over to this one with all that it holds."""

from collections.abc import Callable

import psycopg
import pytest

from core.database import migrations

FIRST_RELEASE = "20261122000530"
_ROWS = """
insert into organizations (id, name) values ('org', 'An organization');
insert into users (id, email) values ('user', 'owner@example.com');
insert into playbooks (id, organization_id, version, content) values ('playbook', 'org', 1, '{}');
insert into campaigns (id, organization_id, code, name) values ('campaign', 'org', 'SUMMER', 'Summer');
insert into visits (organization_id, campaign_id, day, visitor) values
    ('org', 'campaign', current_date, '\\x01'), ('org', 'campaign', current_date, '\\x02');
insert into conversations (id, organization_id, campaign_id, playbook_id, handle, qualified_at)
    values ('one', 'org', 'campaign', 'playbook', 'mike', now()),
        ('two', 'org', 'campaign', 'playbook', 'ann', null);
insert into privacy_requests (id, organization_id, kind, subject, subject_id)
    values ('request', 'org', 'export', 'lead', 'one');
insert into app.vault_masters (id, key_id, salt, iterations)
    values ('master', 'key', '\\x0123456789abcdef0123456789abcdef', 600000);
insert into vault_secrets
    (id, organization_id, provider, key_name, version, master_id, wrapped_key, ciphertext)
    values ('secret', 'org', 'stripe', 'live', 1, 'master', '\\x01', '\\x02');
"""

_FUNCTIONS = """
select p.oid::regprocedure::text, pg_get_functiondef(p.oid), p.proowner::regrole::text, p.proacl::text
from pg_proc p where p.pronamespace = 'app'::regnamespace order by 1
"""


@pytest.fixture
def upgraded(fresh_database: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> str:
    """A database that the first release filled and this one migrated."""
    conninfo, shipped = fresh_database(), migrations.shipped()
    with monkeypatch.context() as earlier:
        earlier.setattr(migrations, "shipped", lambda: [m for m in shipped if m.version <= FIRST_RELEASE])
        migrations.migrate(conninfo)
    with psycopg.connect(conninfo) as connection:
        connection.execute(_ROWS)
    assert migrations.migrate(conninfo)
    return conninfo


def test_what_it_holds_is_there(upgraded: str) -> None:
    with psycopg.connect(upgraded) as connection:
        totals = (
            "select sum(clicks), sum(conversations), sum(qualified), sum(conversions) from campaign_totals"
        )
        assert connection.execute(totals).fetchone() == (2, 2, 1, 0)
        assert connection.execute("select subject_ids from privacy_requests").fetchall() == [(["one"],)]
        assert connection.execute("select key_id from app.vault_masters").fetchall() == [("key",)]
        assert connection.execute("select status, ciphertext from vault_secrets").fetchall() == [
            ("active", b"\x02")
        ]


def test_its_audit_is_whole(upgraded: str) -> None:
    with psycopg.connect(upgraded) as connection:
        before = connection.execute("select count(*) from audit_events").fetchone()
        assert connection.execute("select * from app.audit_faults()").fetchall() == []
        connection.execute("update campaigns set is_active = false")
        connection.execute("update playbooks set created_by = 'user'")
        assert connection.execute("select * from app.audit_faults()").fetchall() == []
        assert connection.execute("select count(*) from audit_events").fetchone() != before


def test_a_database_that_is_past_the_first_release_is_left_as_it_is(
    fresh_database: Callable[..., str],
) -> None:
    conninfo = fresh_database(migrated=True)
    catches_up = "from supabase_migrations.schema_migrations where name like 'catch_up_%'"
    with psycopg.connect(conninfo) as connection:
        before = connection.execute(_FUNCTIONS).fetchall()
        connection.execute(f"delete {catches_up}")
    assert len(migrations.migrate(conninfo)) == 1
    with psycopg.connect(conninfo) as connection:
        assert connection.execute(_FUNCTIONS).fetchall() == before
