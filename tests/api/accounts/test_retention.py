"""What is let go of when its time is over, and who is told of keys to rotate."""

from typing import LiteralString

import aiohttp
import psycopg

from core.database import Claims, Database
from core.identifiers import new_id
from core.jobs import defer
from tests.api.accounts.conftest import DoJobs, NewPerson
from tests.api.accounts.people import Client, Mailbox, Person
from tests.api.accounts.test_vault import KEYS, stored
from tests.api.analytics.recount import kept, recounted
from tests.api.chat.talking import say
from tests.api.organization import Organization

AT_THE_BORDER: tuple[LiteralString, ...] = (
    "insert into visits (organization_id, campaign_id, day, visitor)"
    " values (%(o)s, %(c)s, (current_date - interval '2 years')::date - %(d)s, convert_to(%(id)s, 'UTF8'))",
    "insert into conversations"
    " (id, organization_id, campaign_id, playbook_id, handle, last_message_at)"
    " select %(id)s, %(o)s, %(c)s, (select id from playbooks limit 1), 'old',"
    " now() - interval '2 years' - %(d)s * interval '1 day'",
    "insert into invitations (id, organization_id, email, role, expires_at) values"
    " (%(id)s, %(o)s, %(id)s, 'viewer', now() - interval '30 days' - %(d)s * interval '1 day')",
    "insert into checkouts (id, organization_id, kind, campaign_id, offer_id, offer_name, amount,"
    " currency, billing, created_at) values (%(id)s, %(o)s, 'offer', %(c)s, 'x', 'x', 1,"
    " 'EUR', 'once', now() - interval '30 days' - %(d)s * interval '1 day')",
    "insert into stripe_events (id, type, payload, organization_id, told_at, settled_at) values"
    " (%(id)s, 'x', 'who', %(o)s, now(), now() - interval '30 days' - %(d)s * interval '1 day')",
    "insert into privacy_requests (id, organization_id, kind, subject, subject_ids, created_at)"
    " values (%(id)s, %(o)s, 'export', 'lead', array[%(id)s],"
    " now() - interval '12 hours' - %(d)s * interval '1 hour')",
)
"""One row of each kind, ``d`` days behind the moment from which it may not be kept."""
LEFT: tuple[LiteralString, ...] = (
    "select 1 from visits where visitor = convert_to(%s, 'UTF8')",
    "select 1 from conversations where id = %s",
    "select 1 from invitations where id = %s",
    "select 1 from checkouts where id = %s",
    "select 1 from stripe_events where id = %s and payload = 'who'",
    "select 1 from privacy_requests where id = %s and status = 'queued'",
)


async def run(database: Database, do_jobs: DoJobs, task: str) -> None:
    """Do a periodic task now."""
    async with database.transaction(Claims.nobody()) as connection:
        await defer(connection, task, timestamp=0)
    await do_jobs()


def exists(connection: psycopg.Connection, query: LiteralString, *parameters: object) -> bool:
    """Whether the query finds something."""
    return connection.execute(query, parameters).fetchone() is not None


class TestRetention:
    async def test_sessions_a_day_after_their_end(
        self, person: Person, database: Database, do_jobs: DoJobs, postgres_of: psycopg.Connection
    ) -> None:
        for hours in (23, 25):
            for kind, ended in (("ended", True), ("over", False)):
                postgres_of.execute(
                    "insert into sessions (id, user_id, organization_id, expires_at, ended_at, end_reason)"
                    " values (%(id)s, %(user)s, %(organization)s,"
                    " case when %(ended)s then now() + interval '1 day'"
                    " else now() - %(hours)s * interval '1 hour' end,"
                    " case when %(ended)s then now() - %(hours)s * interval '1 hour' end,"
                    " case when %(ended)s then 'logout' end)",
                    {
                        "id": f"{kind} {hours} {person.user_id}",
                        "user": person.user_id,
                        "organization": person.organization_id,
                        "hours": hours,
                        "ended": ended,
                    },
                )
        await run(database, do_jobs, "retention.let_go")
        left = postgres_of.execute(
            "select split_part(id, ' ', 2) from sessions where user_id = %s and id like '%% %% %%'",
            (person.user_id,),
        )
        assert left.fetchall() == [("23",), ("23",)]

    async def test_marketing_data_after_two_years(
        self,
        http: aiohttp.ClientSession,
        organization: Organization,
        database: Database,
        do_jobs: DoJobs,
        postgres_of: psycopg.Connection,
    ) -> None:
        threads = [(await say(http, organization.code, "hello"))[-1].data["thread_id"]]
        async with aiohttp.ClientSession(http._base_url) as other:
            threads.append((await say(other, organization.code, "hello"))[-1].data["thread_id"])
        old = "update conversations set last_message_at = now() - interval '2 years 1 day' where id = %s"
        postgres_of.execute(old, (threads[0],))
        postgres_of.execute(
            "insert into visits (organization_id, campaign_id, day, visitor)"
            " values (%(o)s, %(c)s, current_date - 731, 'old'), (%(o)s, %(c)s, current_date, 'new')",
            {"o": organization.id, "c": organization.campaign_id},
        )
        await run(database, do_jobs, "retention.let_go")
        assert not exists(postgres_of, "select 1 from conversations where id = %s", threads[0])
        assert not exists(
            postgres_of, "select 1 from checkpoints.checkpoints where thread_id = %s", threads[0]
        )
        assert exists(postgres_of, "select 1 from conversations where id = %s", threads[1])
        visits = postgres_of.execute(
            "select visitor from visits where campaign_id = %s", (organization.campaign_id,)
        )
        assert visits.fetchall() == [(b"new",)]

    async def test_everything_else_on_its_day(
        self,
        organization: Organization,
        database: Database,
        do_jobs: DoJobs,
        postgres_of: psycopg.Connection,
    ) -> None:
        rows = {gone: new_id("old") for gone in (True, False)}
        for gone, row_id in rows.items():
            about = {
                "o": organization.id,
                "c": organization.campaign_id,
                "d": 1 if gone else -1,
                "id": row_id,
            }
            for statement in AT_THE_BORDER:
                postgres_of.execute(statement, about)
        await run(database, do_jobs, "retention.let_go")
        for gone, row_id in rows.items():
            for query in LEFT:
                assert exists(postgres_of, query, row_id) is not gone, query

    async def test_more_than_one_batch(
        self,
        organization: Organization,
        database: Database,
        do_jobs: DoJobs,
        postgres_of: psycopg.Connection,
    ) -> None:
        postgres_of.execute(
            "insert into visits (organization_id, campaign_id, day, visitor)"
            " select %s, %s, current_date - 800, convert_to(n::text, 'UTF8') from generate_series(1, 2100) n",
            (organization.id, organization.campaign_id),
        )
        await run(database, do_jobs, "retention.let_go")
        assert not exists(postgres_of, "select 1 from visits where organization_id = %s", organization.id)
        assert await kept(database, organization.id) == await recounted(database, organization.id)

    async def test_jobs_that_failed_a_month_ago(
        self, database: Database, do_jobs: DoJobs, postgres_of: psycopg.Connection
    ) -> None:
        for days in (29, 31):
            postgres_of.execute(
                "with job as (insert into jobs.procrastinate_jobs (task_name, args, status, queue_name)"
                " values ('old', jsonb_build_object('days', %(days)s::int), 'failed', 'default')"
                " returning id)"
                " insert into jobs.procrastinate_events (job_id, type, at)"
                " select id, 'failed', now() - %(days)s * interval '1 day' from job",
                {"days": days},
            )
        await run(database, do_jobs, "retention.let_go")
        left = postgres_of.execute(
            "select args ->> 'days' from jobs.procrastinate_jobs where task_name = 'old'"
        )
        assert left.fetchall() == [("29",)]

    async def test_archives_after_their_week_and_links_after_their_use(
        self,
        ask: Client,
        person: Person,
        database: Database,
        do_jobs: DoJobs,
        postgres_of: psycopg.Connection,
    ) -> None:
        asked = await ask("POST", "/gdpr/export", None, person.bearer)
        await ask("POST", "/auth/password/forgot", {"email": person.email})
        await do_jobs()
        postgres_of.execute("update privacy_archives set expires_at = now()")
        postgres_of.execute("update app.password_resets set expires_at = now()")
        await run(database, do_jobs, "retention.let_go")
        for query in (
            "select 1 from privacy_archives where request_id = %s",
            "select 1 from app.password_resets where id <> %s",
        ):
            assert not exists(postgres_of, query, asked.body["id"])


class TestVault:
    async def test_admins_are_told_once_of_keys_to_rotate(
        self,
        ask: Client,
        person: Person,
        new_person: NewPerson,
        database: Database,
        do_jobs: DoJobs,
        mailbox: Mailbox,
    ) -> None:
        viewer = await new_person("viewer", person.organization_id)
        await stored(ask, person, key_name="soon", rotation_days=6)
        await stored(ask, person, key_name="later", rotation_days=60)
        listed = (await ask("GET", KEYS, None, person.bearer)).body["items"]
        assert {one["key_name"]: one["rotation_due"] for one in listed} == {"soon": True, "later": False}
        for _ in range(2):
            await run(database, do_jobs, "vault.look_after")
        (mail,) = mailbox.to(person.email)
        text = mail.get_payload()
        assert "meta_business/soon" in str(text)
        assert "later" not in str(text)
        assert mailbox.to(viewer.email) == []

    async def test_expired_keys_are_wiped(
        self,
        ask: Client,
        person: Person,
        database: Database,
        do_jobs: DoJobs,
        postgres_of: psycopg.Connection,
    ) -> None:
        made = await stored(ask, person)
        postgres_of.execute("update vault_secrets set expires_at = now() where id = %s", (made.body["id"],))
        await run(database, do_jobs, "vault.look_after")
        row = postgres_of.execute(
            "select status, ciphertext from vault_secrets where id = %s", (made.body["id"],)
        ).fetchone()
        assert row == ("expired", None)
