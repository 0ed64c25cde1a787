"""Nothing of a lead or a person is left anywhere, whatever there was."""

import asyncio
import json
import secrets
from pathlib import Path

import aiohttp
import psycopg
import pytest

from core.database import Database
from core.mail import FolderMailer, Mail
from tests.api.accounts.conftest import DoJobs, Join, NewPerson
from tests.api.accounts.leads import Lead, archive_of, mentions
from tests.api.accounts.people import Client, Mailbox, Person
from tests.api.analytics.recount import kept, recounted
from tests.api.chat.talking import say
from tests.api.conftest import Api
from tests.api.organization import Organization

CHECKPOINTS = ("checkpoints", "checkpoint_blobs", "checkpoint_writes")


def files_with(folder: Path, needle: str) -> list[Path]:
    """The files in which a text stands, or whose name has it."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [path for path in files if needle in str(path) or needle.encode() in path.read_bytes()]


@pytest.fixture
async def known_lead(
    http: aiohttp.ClientSession,
    organization: Organization,
    api: Api,
    do_jobs: DoJobs,
    postgres_of: psycopg.Connection,
) -> Lead:
    """Somebody whose name stands in every place where something of a lead can stand."""
    name = f"w{secrets.token_hex(6)}"
    async with http.get(f"/chat/{organization.code}?utm_source=ig&fbclid={name}") as page:
        assert page.status == 200

    async def tell(text: str) -> dict[str, str]:
        told = await say(http, organization.code, text, instagram_handle=f"@{name}")
        done: dict[str, str] = told[-1].data
        return done

    done = await tell(f"I coach nomads in {name}")
    await tell(f"That is too expensive for {name}. Where is the office of {name}?")
    lead = Lead(http, name, done["thread_id"], done["lead_token"])
    await FolderMailer(api.parts.settings.data_dir / "mail", "x@example.com").send(
        Mail(f"{name}@example.com", "Welcome", f"Hello {name}")
    )
    await lead.ask("consent", marketing=True, analytics=True)
    await lead.ask("export")
    await do_jobs()
    known = {"thread": lead.thread_id, "email": f"{name}@example.com", "name": name}
    postgres_of.execute(
        "update conversations set objections = jsonb_build_array(jsonb_build_object('type', 'price',"
        " 'answered', true, 'quote', %(name)s::text)),"
        " fields = fields || jsonb_build_object('niche', %(name)s::text)"
        " where id = %(thread)s",
        known,
    )
    postgres_of.execute(
        "insert into knowledge_gaps (id, organization_id, campaign_id, conversation_id, question)"
        " select gen_random_uuid(), organization_id, campaign_id, id, 'Who is ' || %(name)s"
        " from conversations where id = %(thread)s",
        known,
    )
    for number, (status, session) in enumerate(
        [("open", None), ("open", "cs_open"), ("paid", "cs_paid"), ("expired", "cs_over")]
    ):
        postgres_of.execute(
            "insert into checkouts (id, organization_id, kind, campaign_id, conversation_id, offer_id,"
            " offer_name, amount, currency, billing, source, status, session_id, session_url)"
            " select gen_random_uuid(), organization_id, 'offer', campaign_id, id, %(offer)s, 'Offer', 49700,"
            " 'USD', 'once', source, %(status)s, %(session)s || gen_random_uuid(),"
            " 'https://pay/' || id from conversations where id = %(thread)s",
            {**known, "offer": f"offer_{number}", "status": status, "session": session},
        )
    postgres_of.execute(
        "insert into payments (id, organization_id, campaign_id, conversation_id, kind, converts, offer_id,"
        " offer_name, amount, currency, email, name, customer_id, session_id, source, test, paid_at)"
        " select gen_random_uuid(), organization_id, campaign_id, id, 'purchase', true, 'offer_2', 'Offer',"
        " 49700, 'USD', %(email)s, %(name)s, 'cus_' || gen_random_uuid(), 'cs_' || gen_random_uuid(), source,"
        " true, now() from conversations where id = %(thread)s",
        known,
    )
    postgres_of.execute(
        "insert into stripe_events (id, type, payload, organization_id, told_at, settled_at)"
        " values (gen_random_uuid(), 'x', %s, %s, now(), now())",
        (json.dumps({"metadata": {"thread_id": lead.thread_id}}), organization.id),
    )
    for number, details in enumerate(
        [
            {"thread_id": lead.thread_id},
            {"asked": {"thread_id": lead.thread_id}, "got": {"thread_id": "other"}},
            {"asked": {"thread_id": "other"}, "got": {"thread_id": lead.thread_id}},
        ]
    ):
        postgres_of.execute(
            "insert into alerts (id, organization_id, type, subject, severity, message, details)"
            " values (gen_random_uuid(), %s, 'x', %s, 'low', 'x', %s)",
            (organization.id, str(number), json.dumps(details)),
        )
    return lead


class TestLead:
    async def test_nothing_is_left_in_the_database_nor_among_the_files(
        self,
        known_lead: Lead,
        organization: Organization,
        api: Api,
        database: Database,
        do_jobs: DoJobs,
        postgres_of: psycopg.Connection,
    ) -> None:
        there = set(mentions(postgres_of, known_lead.name))
        assert there >= {
            "public.conversations",
            "public.messages",
            "public.turns",
            "public.knowledge_gaps",
            "public.checkouts",
            "public.payments",
            "public.visits",
            "public.alerts",
            "public.consents",
            "public.stripe_events",
            "public.privacy_requests",
            "checkpoints.checkpoint_blobs",
            "checkpoints.checkpoints",
        }
        assert files_with(api.parts.settings.data_dir, known_lead.name)
        visitor = {cookie.key: cookie.value for cookie in known_lead.browser.cookie_jar}["visitor"]
        assert mentions(postgres_of, visitor) == ["public.visits"]
        assert (await known_lead.ask("delete"))[0] == 202
        await do_jobs()
        assert mentions(postgres_of, visitor) == []
        assert "visitor" not in {cookie.key for cookie in known_lead.browser.cookie_jar}
        assert mentions(postgres_of, known_lead.name) == []
        assert files_with(api.parts.settings.data_dir, known_lead.name) == []
        archives = postgres_of.execute(
            "select 1 from privacy_archives where organization_id = %s", (organization.id,)
        )
        assert archives.fetchall() == []

    async def test_the_receipt_says_what_went_and_what_stayed(
        self, known_lead: Lead, do_jobs: DoJobs
    ) -> None:
        await known_lead.ask("delete")
        await do_jobs()
        receipt = (await known_lead.requests())[0]["receipt"]
        assert receipt["deleted"]["conversations"] == 1
        assert receipt["deleted"]["archives"] == 1
        assert receipt["deleted"]["checkouts"] == 2
        assert receipt["kept"]["payments"] == 1
        assert receipt["kept"]["checkouts"] == 2

    async def test_what_stays_counts_as_before(
        self, known_lead: Lead, organization: Organization, database: Database, do_jobs: DoJobs
    ) -> None:
        _, before, _ = await kept(database, organization.id)
        await known_lead.ask("delete")
        await do_jobs()
        days, parts, totals = await kept(database, organization.id)
        assert totals["total_clicks"] == 1
        assert (days, parts, totals) == await recounted(database, organization.id)
        assert totals["total_conversions"] == 1
        revenue = {key: counted["revenue"] for key, counted in parts.items() if "revenue" in counted}
        assert revenue == {key: counted["revenue"] for key, counted in before.items() if "revenue" in counted}

    async def test_the_archive_reads_like_what_was_said(
        self, known_lead: Lead, stranger: aiohttp.ClientSession
    ) -> None:
        files = await archive_of(stranger, (await known_lead.requests())[0])
        memory = json.loads(files["data.json"])["memory"]
        assert known_lead.name in memory[0]["messages"][0]["content"] + memory[0]["messages"][1]["content"]
        assert {message["role"] for message in memory[0]["messages"]} == {"human", "ai"}

    async def test_a_reply_that_ends_meanwhile_leaves_nothing(
        self, lead: Lead, conninfo: str, do_jobs: DoJobs, postgres_of: psycopg.Connection
    ) -> None:
        await lead.ask("delete")
        async with await psycopg.AsyncConnection.connect(conninfo) as turn:
            await turn.execute("update conversations set language = 'en' where id = %s", (lead.thread_id,))
            deleting = asyncio.ensure_future(do_jobs())
            waiting = "select from pg_stat_activity where wait_event_type = 'Lock' and query like %s"
            async with asyncio.timeout(20):
                while not postgres_of.execute(waiting, ("select from conversations%",)).fetchall():
                    await asyncio.sleep(0.02)
            await turn.execute(
                "insert into checkpoints.checkpoints (thread_id, checkpoint_id, checkpoint, organization_id)"
                " select id, 'late', jsonb_build_object('said', %s::text), organization_id from conversations"
                " where id = %s",
                (lead.name, lead.thread_id),
            )
        await deleting
        assert mentions(postgres_of, lead.name) == []

    @pytest.mark.parametrize("table", ["conversations", "campaigns", "organizations"])
    async def test_what_is_deleted_by_another_way_takes_its_memory_along(
        self, lead: Lead, organization: Organization, postgres_of: psycopg.Connection, table: str
    ) -> None:
        await lead.ask("consent", marketing=True, analytics=True)
        postgres_of.execute(
            f"delete from {table} where id = %s",  # noqa: S608
            (
                {"conversations": lead.thread_id, "campaigns": organization.campaign_id}.get(
                    table, organization.id
                ),
            ),
        )
        assert mentions(postgres_of, lead.name) == []


class TestPerson:
    async def test_nothing_waits_for_their_address_anywhere(
        self,
        ask: Client,
        person: Person,
        new_person: NewPerson,
        do_jobs: DoJobs,
        api: Api,
        mailbox: Mailbox,
        postgres_of: psycopg.Connection,
    ) -> None:
        leaving = await new_person("analyst", person.organization_id)
        other = await new_person()
        invitation = {"email": leaving.email, "role": "viewer"}
        assert (await ask("POST", "/invitations", invitation, other.bearer)).status == 201
        await ask("POST", "/auth/password/forgot", {"email": leaving.email})
        await ask("POST", "/auth/login", {"email": leaving.email, "password": "wrong"})
        await do_jobs()
        await ask("POST", "/gdpr/delete", None, leaving.bearer)
        await do_jobs()
        assert mentions(postgres_of, leaving.email) == []
        assert [mail["Subject"] for mail in mailbox.to(leaving.email)] == ["Your account is deleted"]
        assert len(files_with(api.parts.settings.data_dir, leaving.email)) == 1

    async def test_of_two_admins_who_ask_at_once_one_stays(
        self, ask: Client, person: Person, new_person: NewPerson, do_jobs: DoJobs
    ) -> None:
        second = await new_person("admin", person.organization_id)
        viewer = await new_person("viewer", person.organization_id)
        asked = [await ask("POST", "/gdpr/delete", None, one.bearer) for one in (person, second)]
        assert [answer.status for answer in asked] == [202, 202]
        await do_jobs()
        people = (await ask("GET", "/users", None, viewer.bearer)).body["items"]
        assert sorted(one["role"] for one in people) == ["admin", "viewer"]
        left = next(one for one in (person, second) if one.user_id in {p["id"] for p in people})
        request = asked[(person, second).index(left)].body["id"]
        told = (await ask("GET", f"/gdpr/requests/{request}", None, left.bearer)).body
        assert (told["status"], "admin" in told["receipt"]["reason"]) == ("failed", True)

    async def test_who_joined_another_organization_meanwhile_stays(
        self, ask: Client, person: Person, new_person: NewPerson, join: Join, do_jobs: DoJobs
    ) -> None:
        viewer, other = await new_person("viewer", person.organization_id), await new_person()
        asked = await ask("POST", "/gdpr/delete", {"user_id": viewer.user_id}, person.bearer)
        await join(viewer, other.organization_id, "viewer")
        await do_jobs()
        assert (await ask("GET", "/auth/me", None, viewer.bearer)).status == 200
        told = (await ask("GET", f"/gdpr/requests/{asked.body['id']}", None, person.bearer)).body
        assert told["status"] == "failed"
