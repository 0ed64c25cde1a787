"""The way from link to payment on a laptop: a page of our own, plainly a test, and the same events."""

from collections.abc import AsyncIterator

import aiohttp
import pytest

from core.database import Claims, Database
from tests.api.chat.talking import say
from tests.api.conftest import Api, NewOrganization
from tests.api.organization import Organization
from tests.api.payments.conftest import PATH, WANTS, worker
from tests.standins.stripe import Stripe, signed


@pytest.fixture
async def lead(api: Api) -> AsyncIterator[aiohttp.ClientSession]:
    """A browser."""
    async with aiohttp.ClientSession(api.url, cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        yield session


async def _page(lead: aiohttp.ClientSession, organization: Organization) -> str:
    events = await say(lead, organization.code, WANTS)
    card = next(event.data for event in events if event.kind == "checkout")
    path: str = card["url"].removeprefix("http://localhost:8000")
    return path


class TestTheTestPage:
    async def test_says_plainly_what_it_is(
        self, lead: aiohttp.ClientSession, organization: Organization
    ) -> None:
        path = await _page(lead, organization)
        async with lead.get(path, headers={"Accept-Language": "en"}) as answer:
            page = await answer.text()
            policy = answer.headers["Content-Security-Policy"]
        assert "This is a test." in page
        assert "Client Engine Program" in page
        assert "$497" in page
        assert "<script" not in page
        assert "style=" not in page
        assert "default-src 'none'" in policy
        assert "form-action 'self'" in policy

    async def test_pays_through_the_webhook(
        self,
        api: Api,
        lead: aiohttp.ClientSession,
        organization: Organization,
        database: Database,
        conninfo: str,
    ) -> None:
        path = await _page(lead, organization)
        form = {"step": "pay", "email": "mike@example.com", "name": "Mike"}
        async with lead.post(path, data=form, allow_redirects=False) as answer:
            assert answer.status == 303
            assert answer.headers["Location"].endswith(f"/chat/{organization.code}")
        await worker(api.parts.settings, conninfo, database)()
        async with lead.get("/api/chat/history", params={"campaign_code": organization.code}) as answer:
            history = await answer.json()
        assert history["current_stage"] == "converted"
        assert "your payment is in" in history["messages"][-1]["content"]
        async with lead.get(path, allow_redirects=False) as answer:
            assert answer.status == 303
        async with lead.get("/api/analytics/dashboard", headers=organization.bearer) as answer:
            dashboard = await answer.json()
        assert dashboard["summary"]["revenue_today"] == 497

    async def test_goes_back_without_paying(
        self, lead: aiohttp.ClientSession, organization: Organization
    ) -> None:
        path = await _page(lead, organization)
        await lead.get(path)
        async with lead.post(path, data={"step": "leave"}, allow_redirects=False) as answer:
            assert answer.status == 303
        async with lead.get("/api/chat/history", params={"campaign_code": organization.code}) as answer:
            messages = (await answer.json())["messages"]
        assert messages[-1]["content"].startswith("Welcome back!")

    async def test_markup_in_an_offer_stays_text(
        self, lead: aiohttp.ClientSession, new_organization: NewOrganization, database: Database
    ) -> None:
        organization = await new_organization()
        path = await _page(lead, organization)
        async with database.transaction(Claims.for_organization(organization.id)) as connection:
            await connection.execute("update checkouts set offer_name = '<b onload=x>$1</b>'")
        async with lead.get(path) as answer:
            page = await answer.text()
        assert "&lt;b onload=x&gt;" in page

    async def test_a_stripe_secret_that_nobody_set_signs_nothing(self, api: Api, stripe: Stripe) -> None:
        body, headers = signed(stripe.event("payout.paid", {"id": "po_1"}))
        async with (
            aiohttp.ClientSession(api.url) as session,
            session.post(PATH, data=body, headers=headers) as answer,
        ):
            assert answer.status == 400

    async def test_the_page_s_form_is_not_there_when_stripe_is(self, stripe_api: Api) -> None:
        path = "/pay/chk_aaaaaaaaaaaaaaaaaaaaaaaaaa"
        async with (
            aiohttp.ClientSession(stripe_api.url) as session,
            session.post(path, data={"step": "pay"}) as answer,
        ):
            assert answer.status == 404
