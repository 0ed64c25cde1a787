"""`/api/v1/gdpr` and `/api/chat/privacy`."""

import csv
import io
import json
from urllib.parse import urlsplit

import aiohttp
import psycopg
import pytest

from tests.api.accounts.conftest import DoJobs, Join, NewPerson
from tests.api.accounts.leads import Lead, archive_of, mentions
from tests.api.accounts.people import Client, Mailbox, Person
from tests.api.accounts.test_users import plain
from tests.api.chat.talking import say
from tests.api.conftest import NewOrganization
from tests.api.organization import Organization


class TestExportOfPerson:
    async def test_is_one_archive_of_everything(
        self, ask: Client, person: Person, do_jobs: DoJobs, stranger: aiohttp.ClientSession
    ) -> None:
        key = await ask("POST", "/api-keys", {"name": "=1+1", "scopes": ["read:*"]}, person.bearer)
        await ask("POST", "/gdpr/consent", {"marketing": False, "analytics": True}, person.bearer)
        asked = await ask("POST", "/gdpr/export", None, person.bearer)
        assert (asked.status, asked.body["status"], asked.body["download_url"]) == (202, "queued", None)
        await do_jobs()
        done = (await ask("GET", f"/gdpr/requests/{asked.body['id']}", None, person.bearer)).body
        assert done["status"] == "done"
        files = await archive_of(stranger, done)
        data = json.loads(files["data.json"])
        assert data["account"][0]["email"] == person.email
        assert data["consents"][0]["analytics"] is True
        assert data["sessions"]
        assert data["audit_events"]
        rows = list(csv.DictReader(io.StringIO(files["api_keys.csv"].decode())))
        assert rows[0]["name"] == "'=1+1"
        everything = b"".join(files.values())
        for secret in (b"argon2", key.body["key"].encode()):
            assert secret not in everything

    async def test_is_somebody_elses_for_an_admin_alone(
        self,
        ask: Client,
        person: Person,
        new_person: NewPerson,
        do_jobs: DoJobs,
        stranger: aiohttp.ClientSession,
    ) -> None:
        viewer = await new_person("viewer", person.organization_id)
        body = {"user_id": person.user_id}
        assert (await ask("POST", "/gdpr/export", body, viewer.bearer)).status == 403
        asked = await ask("POST", "/gdpr/export", {"user_id": viewer.user_id}, person.bearer)
        await do_jobs()
        path = f"/gdpr/requests/{asked.body['id']}"
        done = (await ask("GET", path, None, person.bearer)).body
        data = json.loads((await archive_of(stranger, done))["data.json"])
        assert [one["user_id"] for one in data["memberships"]] == [viewer.user_id]
        assert "sessions" not in data
        assert (await ask("GET", path, None, viewer.bearer)).status == 404

    async def test_a_link_is_good_for_a_while(
        self, ask: Client, person: Person, do_jobs: DoJobs, postgres_of: psycopg.Connection
    ) -> None:
        asked = await ask("POST", "/gdpr/export", None, person.bearer)
        await do_jobs()
        path = f"/gdpr/requests/{asked.body['id']}"
        link = urlsplit((await ask("GET", path, None, person.bearer)).body["download_url"]).path
        link = link.removeprefix("/api/v1")
        assert (await ask.text(link[:-3] + "xyz", {})).status == 401
        postgres_of.execute(
            "update privacy_archives set expires_at = now() where request_id = %s", (asked.body["id"],)
        )
        postgres_of.execute(
            "update privacy_requests set expires_at = now() where id = %s", (asked.body["id"],)
        )
        assert (await ask.text(link, {})).status == 401
        assert (await ask("GET", path, None, person.bearer)).body["download_url"] is None

    async def test_asked_twice_is_one(self, ask: Client, person: Person) -> None:
        ids = {(await ask("POST", "/gdpr/export", None, person.bearer)).body["id"] for _ in range(3)}
        assert len(ids) == 1

    async def test_anothers_is_answered_like_one_that_does_not_exist(
        self, ask: Client, person: Person, new_person: NewPerson
    ) -> None:
        other = await new_person()
        made = await ask("POST", "/gdpr/export", None, other.bearer)
        pairs = [
            ("GET", f"/gdpr/requests/{made.body['id']}", "/gdpr/requests/gdpr_none", None, None),
            ("POST", "/gdpr/export", "/gdpr/export", {"user_id": other.user_id}, {"user_id": "user_none"}),
            ("POST", "/gdpr/delete", "/gdpr/delete", {"user_id": other.user_id}, {"user_id": "user_none"}),
        ]
        for method, foreign_path, missing_path, foreign_body, missing_body in pairs:
            foreign = await ask(method, foreign_path, foreign_body, person.bearer)
            missing = await ask(method, missing_path, missing_body, person.bearer)
            assert foreign.status == 404
            assert plain(foreign) == plain(missing)


class TestDeletionOfPerson:
    async def test_nothing_of_them_is_left(
        self,
        ask: Client,
        person: Person,
        new_person: NewPerson,
        join: Join,
        do_jobs: DoJobs,
        mailbox: Mailbox,
        postgres_of: psycopg.Connection,
    ) -> None:
        leaving = await new_person("analyst", person.organization_id)
        other = await new_person()
        await join(leaving, other.organization_id, "viewer")
        await ask("POST", "/gdpr/consent", {"marketing": True, "analytics": True}, leaving.bearer)
        await ask("POST", "/mfa/enable", None, leaving.bearer)
        asked = await ask("POST", "/gdpr/delete", None, leaving.bearer)
        assert asked.status == 202
        await do_jobs()
        assert mentions(postgres_of, leaving.email) == []
        assert (await ask("GET", "/auth/me", None, leaving.bearer)).status == 401
        assert mailbox.to(leaving.email)[-1]["Subject"] == "Your account is deleted"
        receipt = (await ask("GET", f"/gdpr/requests/{asked.body['id']}", None, person.bearer)).body
        assert receipt["status"] == "done"
        assert receipt["receipt"]["deleted"]["memberships"] == 2
        assert receipt["receipt"]["deleted"]["account"] == 1
        assert set(mentions(postgres_of, leaving.user_id)) == {
            "public.audit_events",
            "public.privacy_requests",
        }

    async def test_the_last_admin_stays(self, ask: Client, person: Person) -> None:
        answer = await ask("POST", "/gdpr/delete", None, person.bearer)
        assert (answer.status, answer.code) == (409, "CONFLICT")
        assert answer.body["error"]["details"] == {"organizations": [person.organization_id]}

    async def test_an_admin_deletes_nobody_of_other_organizations(
        self, ask: Client, person: Person, new_person: NewPerson, join: Join
    ) -> None:
        guest = await new_person()
        await join(guest, person.organization_id, "viewer")
        answer = await ask("POST", "/gdpr/delete", {"user_id": guest.user_id}, person.bearer)
        assert answer.status == 409


class TestConsent:
    async def test_has_a_history(self, ask: Client, person: Person) -> None:
        before = (await ask("GET", "/gdpr/consent", None, person.bearer)).body
        assert (before["marketing"], before["analytics"], before["history"]) == (False, False, [])
        for marketing in (True, False):
            body = {"marketing": marketing, "analytics": True}
            now = (await ask("POST", "/gdpr/consent", body, person.bearer)).body
        assert (now["marketing"], now["analytics"]) == (False, True)
        assert [one["marketing"] for one in now["history"]] == [False, True]

    @pytest.mark.parametrize("body", [{}, {"marketing": True}, {"marketing": "perhaps", "analytics": True}])
    async def test_bad_input(self, ask: Client, person: Person, body: dict[str, object]) -> None:
        assert (await ask("POST", "/gdpr/consent", body, person.bearer)).status == 422


class TestLead:
    async def test_takes_along_what_was_said(
        self, lead: Lead, do_jobs: DoJobs, stranger: aiohttp.ClientSession
    ) -> None:
        status, asked = await lead.ask("export")
        assert (status, asked["status"], asked["subject"]) == (202, "queued", "lead")
        await do_jobs()
        (done,) = await lead.requests()
        files = await archive_of(stranger, done)
        data = json.loads(files["data.json"])
        assert lead.name in data["messages"][1]["content"]
        assert data["conversations"][0]["id"] == lead.thread_id
        assert data["memory"]
        assert lead.name.encode() in files["messages.csv"]

    async def test_is_forgotten(self, lead: Lead, do_jobs: DoJobs, postgres_of: psycopg.Connection) -> None:
        assert mentions(postgres_of, lead.name)
        status, asked = await lead.ask("delete")
        assert status == 202
        await do_jobs()
        assert mentions(postgres_of, lead.name) == []
        (receipt,) = await lead.requests()
        assert receipt["id"] == asked["id"]
        assert receipt["receipt"]["deleted"]["conversations"] == 1
        assert receipt["receipt"]["deleted"]["messages"] >= 2
        assert receipt["subject_ids"][0].startswith("gone_")

    async def test_agrees_and_disagrees(self, lead: Lead) -> None:
        for marketing in (True, False):
            status, now = await lead.ask("consent", marketing=marketing, analytics=False)
            assert (status, now["marketing"], now["analytics"]) == (200, marketing, False)
        async with lead.browser.get(f"/api/chat/privacy/consent?thread_id={lead.thread_id}") as answer:
            assert await answer.json() == now
        assert [one["marketing"] for one in now["history"]] == [False, True]

    async def test_nothing_is_written_down_of_who_is_gone(
        self, lead: Lead, do_jobs: DoJobs, postgres_of: psycopg.Connection
    ) -> None:
        await lead.ask("delete")
        await do_jobs()
        assert (await lead.ask("consent", marketing=True, analytics=True))[0] == 404
        for what in ("export", "delete"):
            assert (await lead.ask(what))[0] == 404
        assert mentions(postgres_of, lead.name) == []

    async def test_who_is_gone_may_begin_anew(
        self, lead: Lead, organization: Organization, do_jobs: DoJobs
    ) -> None:
        await lead.ask("delete")
        await do_jobs()
        again = await say(lead.browser, organization.code, "hello", instagram_handle=f"@{lead.name}")
        assert again[-1].data["thread_id"] != lead.thread_id

    async def test_needs_the_conversations_session(
        self, lead: Lead, stranger: aiohttp.ClientSession, do_jobs: DoJobs
    ) -> None:
        for path in ("export", "delete", "consent"):
            body = {"thread_id": lead.thread_id, "marketing": True, "analytics": True}
            if path != "consent":
                body = {"thread_id": lead.thread_id}
            async with stranger.post(f"/api/chat/privacy/{path}", json=body) as answer:
                assert answer.status == 401
            async with stranger.post(
                f"/api/chat/privacy/{path}", json=body, headers={"X-Lead-Token": lead.token[:-3] + "xyz"}
            ) as answer:
                assert answer.status == 401

    async def test_another_thread_is_not_theirs(
        self, lead: Lead, new_organization: NewOrganization, stranger: aiohttp.ClientSession
    ) -> None:
        other = await new_organization()
        events = await say(stranger, other.code, "hello")
        body = {"thread_id": events[-1].data["thread_id"]}
        async with lead.browser.post("/api/chat/privacy/delete", json=body) as answer:
            assert answer.status == 404

    async def test_an_admin_asks_for_a_handle(
        self,
        lead: Lead,
        organization: Organization,
        ask: Client,
        do_jobs: DoJobs,
        postgres_of: psycopg.Connection,
    ) -> None:
        body = {"handle": f"@{lead.name.upper()}"}
        asked = await ask("POST", "/gdpr/delete", body, organization.bearer)
        assert asked.body["subject_ids"] == [lead.thread_id]
        await do_jobs()
        assert mentions(postgres_of, lead.name) == []
        for missing in ({"handle": "nobody.at.all"}, {"conversation_id": "lead-none-12345678"}):
            assert (await ask("POST", "/gdpr/delete", missing, organization.bearer)).status == 404
        assert (await ask("POST", "/gdpr/delete", {"handle": "guest"}, organization.bearer)).status == 422

    async def test_another_organizations_lead_is_not_found(
        self, lead: Lead, person: Person, ask: Client
    ) -> None:
        foreign = await ask("POST", "/gdpr/delete", {"conversation_id": lead.thread_id}, person.bearer)
        missing = await ask("POST", "/gdpr/delete", {"conversation_id": "lead-none-12345678"}, person.bearer)
        assert foreign.status == 404
        assert plain(foreign) == plain(missing)

    async def test_a_payment_stays_without_the_person(
        self, lead: Lead, organization: Organization, do_jobs: DoJobs, postgres_of: psycopg.Connection
    ) -> None:
        email = f"{lead.name}@example.com"
        postgres_of.execute(
            "insert into payments (id, organization_id, campaign_id, conversation_id, kind, converts,"
            " offer_id, offer_name, amount, currency, email, name, customer_id, test, paid_at)"
            " select gen_random_uuid(), organization_id, campaign_id, id, 'purchase', true, 'o', 'Offer',"
            " 49700, 'USD', %(email)s, 'Wanda', 'cus_wanda', true, now()"
            " from conversations where id = %(thread)s",
            {"email": email, "thread": lead.thread_id},
        )
        postgres_of.execute(
            "insert into stripe_events (id, type, payload, organization_id, told_at, settled_at)"
            " values (gen_random_uuid(), 'x', %s, %s, now(), now())",
            (json.dumps({"email": email}), organization.id),
        )
        await lead.ask("delete")
        await do_jobs()
        row = postgres_of.execute(
            "select amount, email, name, customer_id, conversation_id from payments"
            " where organization_id = %s",
            (organization.id,),
        ).fetchone()
        assert row == (49700, None, None, None, None)
        assert mentions(postgres_of, lead.name) == []
        (receipt,) = await lead.requests()
        assert receipt["receipt"]["kept"] == {"payments": 1}
