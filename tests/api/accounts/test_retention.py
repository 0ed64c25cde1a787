"""What is let go of when its time is over, and who is told of keys to rotate."""

from typing import LiteralString

import aiohttp
import psycopg
import pytest

from core.database import Claims, Database
from core.jobs import defer
from tests.api.accounts.conftest import DoJobs, NewPerson
from tests.api.accounts.people import Client, Mailbox, Person
from tests.api.accounts.test_vault import KEYS, stored
from tests.api.chat.talking import say
from tests.api.organization import Organization


async def run(database: Database, do_jobs: DoJobs, task: str) -> None:
    """Do a periodic task now."""
    async with database.transaction(Claims.nobody()) as connection:
        await defer(connection, task, timestamp=0)
    await do_jobs()


def exists(connection: psycopg.Connection, query: LiteralString, *parameters: object) -> bool:
    """Whether the query finds something."""
    return connection.execute(query, parameters).fetchone() is not None


class TestRetention:
    @pytest.mark.parametrize(("hours", "gone"), [(25, True), (23, False)])
    @pytest.mark.parametrize(
        "change",
        [
            "update sessions set ended_at = now() - %s * interval '1 hour', end_reason = 'logout'"
            " where user_id = %s",
            "update sessions set expires_at = now() - %s * interval '1 hour' where user_id = %s",
        ],
    )
    async def test_sessions_a_day_after_their_end(
        self,
        person: Person,
        database: Database,
        do_jobs: DoJobs,
        postgres_of: psycopg.Connection,
        change: LiteralString,
        hours: int,
        gone: bool,
    ) -> None:
        postgres_of.execute(change, (hours, person.user_id))
        await run(database, do_jobs, "retention.let_go")
        left = exists(postgres_of, "select 1 from sessions where user_id = %s", person.user_id)
        assert left is not gone

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
