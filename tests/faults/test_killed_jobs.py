"""`kill -9` at random moments of a worker's jobs: every effect comes, and none comes twice.

Leads buy: a job opens the session at Stripe, a job takes in its event, a job writes the mail.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import LiteralString

import aiohttp
import psycopg
import pytest
from psycopg.rows import DictRow, dict_row

from api.organizations.demo import DEMO_CODE
from core.identifiers import new_id
from core.jobs import connector, jobs
from ingestion_worker.maintenance import tasks as maintenance
from tests.api.chat.talking import say
from tests.api.payments.conftest import PATH, WANTS
from tests.faults.processes import ApiProcess, WorkerProcess
from tests.faults.rounds import LONG
from tests.standins.smtp import MailServer, mail_server
from tests.standins.stripe import API_KEY, Stripe, signed, stripe_account

WEBHOOK_SECRET = "whsec_5f0c1d9be7a24386b1f7d20c93ae64581d7e"
LEADS = 24 if LONG else 6
KILLS = 12 if LONG else 1
"""Of each of the two stages."""
LATENCY_S = 0.15
BUSY_S = 0.4
"""How long a worker may be at it before it is killed."""
ENDED_WITHIN_S = 60
STOPPED_WITHIN_S = 8


class Shop:
    """An installation that sells, and a worker that dies again and again."""

    def __init__(
        self, conninfo: str, api: ApiProcess, worker: WorkerProcess, stripe: Stripe, mail: MailServer
    ) -> None:
        self.api = api
        self.stripe = stripe
        self.mail = mail
        self._conninfo = conninfo
        self._worker = worker
        self._chance = random.Random(7)
        self.kills = 0

    def rows(self, query: LiteralString, *parameters: object) -> list[DictRow]:
        """What the database's owner sees."""
        with psycopg.connect(self._conninfo, autocommit=True, row_factory=dict_row) as connection:
            return connection.execute(query, parameters).fetchall()

    async def work_and_die(self) -> None:
        """A worker begins, and is killed at some moment after it has begun with a job."""
        await self._worker.start()
        async with asyncio.timeout(ENDED_WITHIN_S):
            while self.waiting() and not self.waiting("doing"):
                await asyncio.sleep(0.01)
        await asyncio.sleep(self._chance.uniform(0, BUSY_S))
        await self._worker.kill()
        self.kills += 1
        self._minutes_pass()
        self._execute("update procrastinate_workers set last_heartbeat = now() - interval '1 minute'")
        with jobs.replace_connector(connector(self._conninfo, size=1)) as app:
            async with app.open_async():
                await maintenance.retry_stalled_jobs(0)

    async def work_to_the_end(self) -> None:
        """A worker does what is left, and ends when it is told to."""
        await self._worker.start()
        async with asyncio.timeout(ENDED_WITHIN_S):
            while self.waiting():
                self._minutes_pass()
                await asyncio.sleep(0.2)
        assert await self._worker.stop() < STOPPED_WITHIN_S

    def waiting(self, *statuses: str) -> int:
        """Jobs of payments that are not done."""
        found = self.rows(
            "select id from jobs.procrastinate_jobs where task_name like 'payments%%'"
            " and status::text = any(%s)",
            list(statuses or ("todo", "doing")),
        )
        return len(found)

    def _minutes_pass(self) -> None:
        """Leases end, and pauses before another try are over."""
        self._execute("update payments set mail_claimed_at = mail_claimed_at - interval '3 minutes'")
        self._execute("update procrastinate_jobs set scheduled_at = now() where status = 'todo'")

    def _execute(self, statement: LiteralString) -> None:
        options = "-c search_path=public,jobs"
        with psycopg.connect(self._conninfo, autocommit=True, options=options) as connection:
            connection.execute(statement)


@pytest.fixture
async def shop(fresh_database: Callable[..., str], tmp_path: Path) -> AsyncIterator[Shop]:
    conninfo = fresh_database(migrated=True)
    async with AsyncExitStack() as stack:
        stripe = await stack.enter_async_context(stripe_account())
        mail = await stack.enter_async_context(mail_server())
        stripe.latency_s = mail.latency_s = LATENCY_S
        settings = {
            "STRIPE_SECRET_KEY": API_KEY,
            "STRIPE_WEBHOOK_SECRET": WEBHOOK_SECRET,
            "STRIPE_API_BASE": stripe.url,
            "SMTP_URL": f"smtp://127.0.0.1:{mail.port}?starttls=no",
        }
        api = await stack.enter_async_context(ApiProcess(tmp_path / "api", conninfo, {**settings}))
        worker = WorkerProcess(tmp_path / "worker", conninfo, {**settings})
        stack.push_async_callback(worker.end)
        yield Shop(conninfo, api, worker, stripe, mail)


async def test_every_effect_comes_once(shop: Shop) -> None:
    buyers = sorted(f"lead{n}@example.com" for n in range(LEADS))
    async with aiohttp.ClientSession(shop.api.url, cookie_jar=aiohttp.DummyCookieJar()) as session:
        await asyncio.gather(*(_wants(session, n) for n in range(LEADS)))
        await _killed(shop)
        opened = sorted(str(one["client_reference_id"]) for one in shop.stripe.sessions.values())
        assert opened == [row["id"] for row in shop.rows("select id from checkouts order by id")]

        for email, session_id in zip(buyers, list(shop.stripe.sessions), strict=True):
            event = shop.stripe.paid(session_id, email=email)
            await asyncio.gather(*(_deliver(session, event) for _ in range(2)))
        await _killed(shop)

    assert shop.kills >= (10 if LONG else 2)
    payments = shop.rows("select email, status, mailed_at is not null as mailed from payments order by email")
    assert payments == [{"email": email, "status": "paid", "mailed": True} for email in buyers]
    # A mail that was under way is sent again as the same one: a mailbox shows it once.
    mails = {(str(mail["To"]), str(mail["Message-ID"])) for mail in shop.mail.received}
    assert sorted(to for to, _ in mails) == buyers
    said = shop.rows(
        "select array_agg(m.role order by m.seq) as roles from messages m join payments p"
        " using (conversation_id) group by conversation_id"
    )
    assert said == [{"roles": ["ai", "human", "ai", "ai"]}] * LEADS
    assert shop.rows("select sum(conversions) as n from campaign_totals") == [{"n": LEADS}]
    assert shop.rows("select from jobs.procrastinate_jobs where status = 'failed'") == []


async def _killed(shop: Shop) -> None:
    for _ in range(KILLS):
        if shop.waiting():
            await shop.work_and_die()
    await shop.work_to_the_end()


async def _wants(session: aiohttp.ClientSession, n: int) -> None:
    events = await say(session, DEMO_CODE, WANTS, instagram_handle=f"lead{n}", message_id=new_id("m"))
    assert any(event.kind == "checkout" for event in events)


async def _deliver(session: aiohttp.ClientSession, event: object) -> None:
    body, headers = signed(event, WEBHOOK_SECRET)
    async with session.post(PATH, data=body, headers=headers) as answer:
        assert answer.status == 200, await answer.text()
