"""`/api/v1/audit`, and the chain behind it."""

import asyncio
import csv
import io
import json

import aiohttp
import psycopg
import pytest

from core.database import Claims, Database
from tests.api.accounts.conftest import NewPerson
from tests.api.accounts.people import PASSWORD, Client, Person
from tests.api.accounts.test_registration import STRONG, address
from tests.api.chat.talking import say
from tests.api.organization import Organization

HASH_AGAIN = (
    "update audit_events e set hash = app.audit_digest(e, p.hash) from audit_events p"
    " where e.chain = %s and e.seq = 2 and p.chain = e.chain and p.seq = 1"
)


async def faults(database: Database, person: Person) -> list[tuple[int, str]]:
    """What `limitless audit verify` finds in the chain of the person's organization."""
    rows = await database.fetch(Claims.for_maintenance(), "select * from app.audit_faults()")
    return [(row["seq"], row["fault"]) for row in rows if row["chain"] == person.organization_id]


class TestAudit:
    async def test_says_who_did_what_from_where(self, ask: Client, person: Person) -> None:
        body = {"email": address(), "full_name": "New User", "role": "viewer", "password": STRONG}
        headers = {**person.bearer, "User-Agent": "a browser", "X-Request-ID": "req_of_this_test"}
        made = await ask("POST", "/users", body, headers)
        await ask("PATCH", f"/users/{made.body['id']}", {"role": "analyst"}, headers)
        page = await ask("GET", f"/audit?resource_id={made.body['id']}", None, person.bearer)
        changed, joined, created = page.body["items"]
        assert created["event_type"] == "user_created"
        assert joined["event_type"] == "membership_created"
        assert (changed["event_type"], changed["before"], changed["after"]) == (
            "membership_updated",
            {"role": "viewer"},
            {"role": "analyst"},
        )
        assert changed["actor_id"] == person.user_id
        assert (changed["address"], changed["user_agent"]) == ("127.0.0.1", "a browser")
        assert changed["request_id"] == "req_of_this_test"

    async def test_no_secret_is_in_it(self, ask: Client, person: Person) -> None:
        await ask("POST", "/mfa/enable", None, person.bearer)
        change = {"current_password": PASSWORD, "new_password": STRONG}
        await ask("POST", "/auth/password", change, person.bearer)
        key = await ask("POST", "/api-keys", {"name": "k", "scopes": ["read:*"]}, person.bearer)
        text = str((await ask("GET", "/audit?limit=200", None, person.bearer)).body)
        for secret in (PASSWORD, STRONG, "argon2", person.email, key.body["key"], person.token):
            assert secret not in text
        assert "'password_hash': '***'" in text

    async def test_signing_in_and_failing_to_are_noted(self, ask: Client, person: Person) -> None:
        for password in ("wrong", PASSWORD):
            await ask("POST", "/auth/login", {"email": person.email, "password": password})
        found = []
        for event in ("login_failure", "login_success"):
            page = await ask("GET", f"/audit?event_type={event}", None, person.bearer)
            found.append(page.body["total"])
        assert found == [1, 2]

    async def test_filters_by_time_and_actor(self, ask: Client, person: Person) -> None:
        before = await ask("GET", "/audit?until=2020-01-01T00:00:00Z", None, person.bearer)
        assert before.body["items"] == []
        page = await ask("GET", f"/audit?actor_id={person.user_id}&limit=1", None, person.bearer)
        assert page.body["items"][0]["actor_id"] == person.user_id
        assert (await ask("GET", "/audit?since=yesterday", None, person.bearer)).status == 422

    @pytest.mark.parametrize("role", ["viewer", "analyst", "manager"])
    async def test_is_for_admins(self, ask: Client, new_person: NewPerson, role: str) -> None:
        someone = await new_person(role)
        for path in ("/audit", "/audit/export"):
            assert (await ask("GET", path, None, someone.bearer)).status == 403

    async def test_shows_nothing_of_another_organization(
        self, ask: Client, person: Person, new_person: NewPerson
    ) -> None:
        other = await new_person()
        text = str((await ask("GET", "/audit?limit=200", None, person.bearer)).body)
        assert other.organization_id not in text
        assert other.user_id not in text

    async def test_a_playbooks_new_version_shows_what_became_of_its_offers(
        self, ask: Client, stranger: aiohttp.ClientSession, organization: Organization
    ) -> None:
        async with stranger.get("/api/playbook", headers=organization.bearer) as answer:
            playbook = (await answer.json())["playbook"]
        for name in ("Begin", "Begin again"):
            playbook["offers"][0]["name"] = name
            async with stranger.put("/api/playbook", json=playbook, headers=organization.bearer) as answer:
                assert answer.status == 200
        page = await ask("GET", "/audit?event_type=playbook_updated", None, organization.bearer)
        newest = page.body["items"][0]
        assert newest["actor_id"] == organization.user_id
        for side, name in (("before", "Begin"), ("after", "Begin again")):
            assert newest[side]["offers"][0]["name"] == name
            assert "opening" not in newest[side]


class TestExport:
    async def test_gives_every_event_as_csv_or_json(self, ask: Client, person: Person) -> None:
        lines = {}
        for form in ("csv", "json"):
            answer = await ask.text(f"/audit/export?format={form}", person.bearer)
            assert "attachment" in answer.headers["Content-Disposition"]
            lines[form] = answer.body
        rows = list(csv.DictReader(io.StringIO(lines["csv"])))
        events = [json.loads(line) for line in lines["json"].splitlines()]
        assert [row["id"] for row in rows] == [event["id"] for event in events][: len(rows)]
        assert rows[-1]["event_type"] == "data_export"

    async def test_no_cell_is_a_formula(self, ask: Client, person: Person) -> None:
        headers = {**person.bearer, "User-Agent": "=HYPERLINK(1)"}
        await ask("POST", "/api-keys", {"name": "@SUM(1)", "scopes": ["read:*"]}, headers)
        answer = await ask.text("/audit/export", person.bearer)
        cells = [cell for row in csv.reader(io.StringIO(answer.body)) for cell in row]
        assert "'=HYPERLINK(1)" in cells
        assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]


async def test_a_conversation_waits_for_no_chain(
    http: aiohttp.ClientSession, organization: Organization, postgres_of: psycopg.Connection
) -> None:
    await say(http, organization.code, "hello")  # the organization's first playbook is written with it
    with psycopg.connect(postgres_of.info.dsn) as writer:
        writer.execute("select from app.audit_chains where chain = %s for update", (organization.id,))
        for words in ("I am a fitness coach", "That is too expensive"):
            assert (await say(http, organization.code, words))[-1].kind == "done"


class TestChain:
    async def test_many_at_once_stand_one_behind_the_other(self, person: Person, database: Database) -> None:
        claims = Claims.for_organization(person.organization_id, person.user_id)
        await asyncio.gather(
            *(database.fetch(claims, "select app.record_event('data_export')") for _ in range(30))
        )
        assert await faults(database, person) == []
        rows = await database.fetch(claims, "select count(*) as n, max(seq) as last from audit_events")
        assert rows[0]["n"] == rows[0]["last"] >= 30

    async def test_holds(self, person: Person, ask: Client, database: Database) -> None:
        await ask("POST", "/api-keys", {"name": "k", "scopes": ["read:*"]}, person.bearer)
        assert await faults(database, person) == []

    @pytest.mark.parametrize(
        ("tamper", "found"),
        [
            ("update audit_events set actor_id = 'user_other' where chain = %s and seq = 2", 2),
            ("update audit_events set after = '{}' where chain = %s and seq = 2", 2),
            ("update audit_events set occurred_at = '2020-01-01' where chain = %s and seq = 2", 2),
            ("delete from audit_events where chain = %s and seq = 2", 3),
            ("delete from audit_events where chain = %s and seq = 1", 2),
            ("delete from audit_events where chain = %s and seq >= 3", None),
            ("delete from app.audit_chains where chain = %s", None),
        ],
    )
    async def test_shows_what_was_done_behind_its_back(
        self,
        person: Person,
        database: Database,
        postgres_of: psycopg.Connection,
        tamper: str,
        found: int | None,
    ) -> None:
        postgres_of.execute(tamper, (person.organization_id,))
        broken = await faults(database, person)
        assert broken
        assert found is None or broken[0][0] == found

    async def test_shows_a_row_that_was_changed_and_hashed_again(
        self, person: Person, database: Database, postgres_of: psycopg.Connection
    ) -> None:
        postgres_of.execute(
            "update audit_events set actor_id = 'user_other' where chain = %s and seq = 2",
            (person.organization_id,),
        )
        postgres_of.execute(
            "update audit_events e set hash = app.audit_digest(e, p.hash) from audit_events p"
            " where e.chain = %s and e.seq = 2 and p.chain = e.chain and p.seq = 1",
            (person.organization_id,),
        )
        assert (await faults(database, person))[0][0] == 3

    async def test_goes_on_after_seven_years_were_cut_off(
        self, ask: Client, person: Person, database: Database, postgres_of: psycopg.Connection
    ) -> None:
        chain = (person.organization_id,)
        postgres_of.execute(
            "update audit_events set occurred_at = '2015-01-01' where chain = %s and seq = 1", chain
        )
        postgres_of.execute(
            "update audit_events e set hash = app.audit_digest(e, '') where chain = %s and seq = 1", chain
        )
        postgres_of.execute(
            "update audit_events e set hash = app.audit_digest(e, p.hash) from audit_events p"
            " where e.chain = %s and e.seq = 2 and p.chain = e.chain and p.seq = 1",
            chain,
        )
        postgres_of.execute("delete from audit_events where chain = %s and seq > 2", chain)
        postgres_of.execute(
            "update app.audit_chains c set seq = 2, hash = e.hash from audit_events e"
            " where c.chain = %s and e.chain = c.chain and e.seq = 2",
            chain,
        )
        assert await faults(database, person) == []
        await database.fetch(Claims.for_maintenance(), "select app.prune_audit()")
        await ask("POST", "/api-keys", {"name": "k", "scopes": ["read:*"]}, person.bearer)
        assert await faults(database, person) == []
        left = postgres_of.execute("select min(seq) from audit_events where chain = %s", chain).fetchone()
        assert left == (2,)

    async def test_is_cut_off_at_seven_years_a_batch_at_a_time(
        self, person: Person, database: Database, postgres_of: psycopg.Connection
    ) -> None:
        claims = Claims.for_organization(person.organization_id, person.user_id)
        for _ in range(6):
            await database.fetch(claims, "select app.record_event('data_export')")
        chain = (person.organization_id,)
        postgres_of.execute(
            "update audit_events set occurred_at = now() - interval '7 years 1 hour'"
            " where chain = %s and seq <= 5",
            chain,
        )
        postgres_of.execute(
            "update audit_events set occurred_at = now() - interval '7 years' + interval '1 hour'"
            " where chain = %s and seq = 6",
            chain,
        )
        pruned = [
            (await database.fetch(Claims.for_maintenance(), "select app.prune_audit(3) as n"))[0]["n"]
            for _ in range(3)
        ]
        assert pruned == [3, 2, 0]
        left = postgres_of.execute("select min(seq) from audit_events where chain = %s", chain).fetchone()
        assert left == (6,)

    async def test_the_app_may_only_append(self, person: Person, database: Database) -> None:
        claims = Claims.for_organization(person.organization_id)
        for attempt in (
            "update audit_events set actor_id = 'x' returning 1",
            "delete from audit_events returning 1",
            "truncate audit_events",
            "insert into audit_events (chain, seq, event_type, hash) values ('x', 1, 'x', '') returning 1",
            "select * from app.audit_chains",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                await database.fetch(claims, attempt)
        assert await database.fetch(claims, "select * from app.audit_faults()") == []
