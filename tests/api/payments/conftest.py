"""Leads who are given a link to pay, and what arrives of it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest
from psycopg import AsyncConnection
from psycopg.rows import DictRow
from pydantic import SecretStr

from core.database import Claims, Database
from core.jobs import connector, jobs
from core.settings import Settings
from core.storage.choice import open_storage
from tests.api.chat.talking import Told, say
from tests.api.conftest import Api, NewOrganization, serving
from tests.api.organization import Organization
from tests.standins.stripe import API_KEY, SECRET, Stripe, signed, stripe_account

WANTS = "I'd like to buy the Client Engine Program, please send me the link."
PATH = "/api/webhooks/stripe"


@pytest.fixture(scope="session")
async def stripe() -> AsyncIterator[Stripe]:
    """Stripe, as the shop's API and worker reach it."""
    async with stripe_account() as account:
        yield account


@pytest.fixture(autouse=True)
def _in_order(request: pytest.FixtureRequest) -> None:
    """Every test begins with a Stripe that works."""
    if "stripe" in request.fixturenames:
        account: Stripe = request.getfixturevalue("stripe")
        account.faults.clear()
        account.requests.clear()


@dataclass(frozen=True, slots=True)
class Shop:
    """An organization that sells through Stripe, and everything to watch it with."""

    api: Api
    organization: Organization
    stripe: Stripe
    database: Database
    work: Callable[[], Awaitable[None]]
    leads: list[aiohttp.ClientSession] = field(default_factory=list)

    async def lead(self) -> aiohttp.ClientSession:
        """A browser of its own."""
        session = aiohttp.ClientSession(self.api.url, cookie_jar=aiohttp.CookieJar(unsafe=True))
        self.leads.append(session)
        return session

    async def chooses(self, words: str = WANTS) -> "Chosen":
        """A new lead, who wants the program right away."""
        browser = await self.lead()
        events = await say(browser, self.organization.code, words)
        card = next(event.data for event in events if event.kind == "checkout")
        await self.work()
        return Chosen(self, browser, events, card, card["url"].rpartition("/")[2])

    async def deliver(
        self, event: Any, secret: str = SECRET, at: float | None = None, path: str = PATH
    ) -> tuple[int, dict[str, Any]]:
        """Post an event as Stripe does; the status and the answer."""
        body, headers = signed(event, secret, at)
        async with (
            aiohttp.ClientSession(self.api.url) as session,
            session.post(path, data=body, headers=headers) as answer,
        ):
            return answer.status, await answer.json()

    async def rows(self, statement: str, *parameters: object) -> list[DictRow]:
        """What the organization sees of its rows."""
        claims = Claims.for_organization(self.organization.id)
        return await self.database.fetch(claims, statement, parameters)


@dataclass(frozen=True, slots=True)
class Chosen:
    """A lead who was given a link."""

    shop: Shop
    browser: aiohttp.ClientSession
    events: list[Told]
    card: dict[str, Any]
    checkout_id: str

    @property
    def thread_id(self) -> str:
        """The conversation."""
        thread_id: str = self.events[-1].data["thread_id"]
        return thread_id

    async def session_id(self) -> str:
        """The session at Stripe that the link leads to."""
        rows = await self.shop.rows("select session_id from checkouts where id = %s", self.checkout_id)
        session_id: str = rows[0]["session_id"]
        return session_id

    async def follow(self) -> aiohttp.ClientResponse:
        """Follow the link, and no redirect."""
        return await self.browser.get(f"/pay/{self.checkout_id}", allow_redirects=False)

    async def history(self) -> list[dict[str, Any]]:
        """What the lead's page shows."""
        code = self.shop.organization.code
        async with self.browser.get("/api/chat/history", params={"campaign_code": code}) as answer:
            messages: list[dict[str, Any]] = (await answer.json())["messages"]
            return messages


@pytest.fixture(scope="session")
def stripe_settings(api: Api, stripe: Stripe) -> Settings:
    """The same installation with a Stripe account."""
    return api.parts.settings.model_copy(
        update={
            "stripe_secret_key": SecretStr(API_KEY),
            "stripe_webhook_secret": SecretStr(SECRET),
            "stripe_api_base": stripe.url,
        }
    )


@pytest.fixture(scope="session")
async def stripe_api(stripe_settings: Settings, conninfo: str) -> AsyncIterator[Api]:
    """The application that sells through it."""
    async with serving(stripe_settings, conninfo) as api:
        yield api


@pytest.fixture
async def shop(
    stripe_api: Api,
    stripe: Stripe,
    conninfo: str,
    database: Database,
    new_organization: NewOrganization,
) -> AsyncIterator[Shop]:
    """A shop of the test's own."""
    work = worker(stripe_api.parts.settings, conninfo, database)
    opened = Shop(stripe_api, await new_organization(), stripe, database, work)
    yield opened
    for browser in opened.leads:
        await browser.close()


def worker(settings: Settings, conninfo: str, database: Database) -> Callable[[], Awaitable[None]]:
    """Does all jobs that wait, and those that come of them, and returns."""

    async def work() -> None:
        while await _waiting_jobs(conninfo):
            await once()

    async def once() -> None:
        from ingestion_worker import tasks  # noqa: F401 - registers the tasks

        async with open_storage(settings) as storage:
            with jobs.replace_connector(connector(conninfo, size=4)) as app:
                async with app.open_async():
                    await app.run_worker_async(
                        wait=False,
                        concurrency=4,
                        additional_context={"database": database, "settings": settings, "storage": storage},
                        install_signal_handlers=False,
                        delete_jobs="successful",
                    )

    return work


async def _waiting_jobs(conninfo: str) -> int:
    async with await AsyncConnection.connect(conninfo) as connection:
        cursor = await connection.execute(
            "select count(*) from jobs.procrastinate_jobs"
            " where status = 'todo' and (scheduled_at is null or scheduled_at <= now())"
        )
        row = await cursor.fetchone()
        assert row is not None
        return int(row[0])
