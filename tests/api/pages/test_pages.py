"""The page behind a link, and what a visit counts."""

from datetime import timedelta

import aiohttp
import pytest

from core.clock import utc_now
from core.database import Claims, Database
from tests.api.chat.talking import say
from tests.api.conftest import NewOrganization
from tests.api.organization import Organization

PERSON = {"user-agent": "Mozilla/5.0 (iPhone)"}


async def _clicks(database: Database, organization: Organization) -> int:
    rows = await database.fetch(
        Claims.for_organization(organization.id),
        "select coalesce(sum(clicks), 0)::int as n from campaign_totals",
    )
    return int(rows[0]["n"])


class TestChatPage:
    async def test_shows_the_opening_under_a_strict_policy(
        self, http: aiohttp.ClientSession, organization: Organization
    ) -> None:
        async with http.get(f"/chat/{organization.code}") as answer:
            page = await answer.text()
        assert answer.status == 200
        assert "Are you a coach in health, fitness, wellness, or mindset?" in page
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "<script>" not in page

    async def test_a_visit_counts_once_a_day(
        self,
        http: aiohttp.ClientSession,
        stranger: aiohttp.ClientSession,
        database: Database,
        organization: Organization,
    ) -> None:
        path = f"/chat/{organization.code}"
        for _ in range(3):
            async with http.get(path, headers=PERSON):
                pass
        assert await _clicks(database, organization) == 1
        async with stranger.get(path, headers={"user-agent": "Mozilla/5.0 (Android)"}):
            pass
        assert await _clicks(database, organization) == 2

    @pytest.mark.parametrize(
        "headers",
        [
            {"user-agent": "facebookexternalhit/1.1"},
            {"user-agent": "Googlebot/2.1"},
            {**PERSON, "sec-purpose": "prefetch"},
        ],
    )
    async def test_nobody_is_no_click(
        self,
        http: aiohttp.ClientSession,
        database: Database,
        organization: Organization,
        headers: dict[str, str],
    ) -> None:
        async with http.get(f"/chat/{organization.code}", headers=headers) as answer:
            assert answer.status == 200
        assert await _clicks(database, organization) == 0

    async def test_a_closed_link_says_why(
        self, http: aiohttp.ClientSession, new_organization: NewOrganization
    ) -> None:
        over = await new_organization(expires_at=utc_now() - timedelta(minutes=1))
        for code, status in (("NOSUCH", 404), (over.code, 410)):
            async with http.get(f"/chat/{code}") as answer:
                assert answer.status == status
                assert answer.content_type == "text/html"
                await answer.text()

    async def test_a_used_up_link_opens_for_who_began_in_time(
        self,
        http: aiohttp.ClientSession,
        stranger: aiohttp.ClientSession,
        new_organization: NewOrganization,
    ) -> None:
        own = await new_organization(max_uses=1)
        await say(http, own.code, "Hi")
        async with http.get(f"/chat/{own.code}") as answer:
            assert answer.status == 200
        async with stranger.get(f"/chat/{own.code}") as answer:
            assert answer.status == 429


async def test_every_error_code_is_explained(http: aiohttp.ClientSession) -> None:
    async with http.get("/errors") as answer:
        page = await answer.text()
    for code in ("CAMPAIGN_NOT_FOUND", "RATE_LIMIT_EXCEEDED", "INVALID_TOKEN"):
        assert f'id="{code}"' in page
