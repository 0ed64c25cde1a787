"""What owners are answered."""

from datetime import timedelta
from typing import Any

import aiohttp
import pytest

from core.clock import utc_now
from core.database import Claims
from tests.api.analytics import rows
from tests.api.analytics.rows import MONDAY
from tests.api.conftest import Api, NewOrganization
from tests.api.organization import Organization

FRIDAY = MONDAY + timedelta(days=4)
SPRING = {"utm_source": "ig", "utm_campaign": "spring"}


@pytest.fixture
async def figures(api: Api, organization: Organization) -> dict[str, Any]:
    """A week: three clicks, three conversations, one of them paid on Friday, and some of it back."""
    parts = api.parts
    await rows.click(parts, organization, MONDAY, **SPRING)
    await rows.click(parts, organization, MONDAY, fbclid="x")
    await rows.click(parts, organization, FRIDAY)
    won = await rows.conversation(
        parts,
        organization,
        MONDAY,
        stage="converted",
        fields={"business_type": "gym"},
        objections=[
            {"type": "price", "words": "", "answered": True},
            {"type": "time", "words": "", "answered": False},
        ],
        qualified_at=MONDAY + timedelta(minutes=5),
        offer_shown="option2",
        checkout_at=MONDAY + timedelta(minutes=8),
        checkout_opened_at=FRIDAY,
        converted_at=FRIDAY,
        total_messages=12,
        source=SPRING,
    )
    lost = await rows.conversation(
        parts,
        organization,
        MONDAY,
        open_field="monthly_revenue",
        fields={"business_type": "yoga"},
        objections=[{"type": "price", "words": "", "answered": False}],
        total_messages=4,
    )
    await rows.conversation(parts, organization, FRIDAY, stage="disqualified", total_messages=2)
    await rows.gap(parts, organization, MONDAY + timedelta(minutes=1), lost, "Is there a group?")
    await rows.gap(parts, organization, MONDAY + timedelta(minutes=1), won, "Is there a video?")
    paid = await rows.payment(
        parts, organization, FRIDAY, won, objections={"price": True, "time": False}, source=SPRING
    )
    await rows.refund(parts, organization, FRIDAY + timedelta(days=1), paid, 9_700)
    return await _get(
        api, organization, f"/api/campaigns/{organization.code}/analytics", end_date="2026-03-14"
    )


async def _get(api: Api, organization: Organization, path: str, **query: str) -> dict[str, Any]:
    async with (
        aiohttp.ClientSession(api.url, headers=organization.bearer) as http,
        http.get(path, params=query) as answer,
    ):
        return {"status": answer.status, **await answer.json()}


class TestACampaign:
    async def test_is_answered_as_documented(
        self, figures: dict[str, Any], organization: Organization
    ) -> None:
        assert figures["campaign"] == {"code": organization.code, "name": "A campaign"}
        metrics = figures["metrics"]
        assert {name: metrics[name] for name in metrics if name.startswith(("total", "avg"))} == {
            "total_clicks": 3,
            "total_conversations": 3,
            "total_qualified": 1,
            "total_conversions": 1,
            "avg_messages_per_conversation": 6.0,
            "avg_time_to_qualification": "5 minutes",
            "avg_seconds_to_qualification": 300.0,
        }
        assert metrics["conversion_rate"] == 0.333
        assert metrics["top_objections"] == [
            {"type": "price", "count": 2, "answered": 1},
            {"type": "time", "count": 1, "answered": 0},
        ]

    async def test_takes_refunds_out(self, figures: dict[str, Any]) -> None:
        metrics = figures["metrics"]
        assert (metrics["revenue"], metrics["refunded"], metrics["currency"]) == (400.0, 97.0, "USD")

    async def test_counts_each_event_on_its_own_day(self, figures: dict[str, Any]) -> None:
        days = {day["date"]: day for day in figures["timeline"]}
        assert list(days) == [f"2026-03-{n:02}" for n in range(9, 15)]
        names = ("clicks", "conversations", "qualified", "conversions", "revenue")
        assert [days["2026-03-09"][name] for name in names] == [2, 2, 1, 0, 0]
        assert [days["2026-03-13"][name] for name in names] == [1, 1, 0, 1, 497.0]
        assert [days["2026-03-14"][name] for name in names] == [0, 0, 0, 0, -97.0]

    async def test_says_how_far_they_come_and_where_they_stop(self, figures: dict[str, Any]) -> None:
        steps = [(step["step"], step["count"]) for step in figures["funnel"]["steps"]]
        assert steps == [
            *[("clicks", 3), ("conversations", 3), ("qualified", 1), ("offer", 1), ("checkout", 1)],
            *[("opened", 1), ("converted", 1)],
        ]
        stops = [(stop["stage"], stop["field"], stop["count"]) for stop in figures["funnel"]["stops"]]
        assert stops == [("disqualified", None, 1), ("qualification", "monthly_revenue", 1)]
        asked = {one["field"]: one for one in figures["funnel"]["questions"]}
        assert (asked["business_type"]["answered"], asked["business_type"]["stopped"]) == (2, 0)
        assert (asked["monthly_revenue"]["answered"], asked["monthly_revenue"]["stopped"]) == (0, 1)
        assert asked["monthly_revenue"]["question"]

    async def test_breaks_down_what_was_earned(self, figures: dict[str, Any]) -> None:
        found = figures["breakdowns"]
        assert [(o["offer_id"], o["revenue"], o["refunded"]) for o in found["offers"]] == [
            ("option2", 400.0, 97.0)
        ]
        assert [(o["type"], o["answered"], o["revenue"]) for o in found["objections"]] == [
            ("price", True, 400.0),
            ("time", False, 400.0),
        ]
        sources = {(s["source"], s["campaign"], s["network"]): s for s in found["sources"]}
        names = ("clicks", "conversations", "qualified", "conversions", "revenue")
        assert [sources["ig", "spring", None][name] for name in names] == [1, 1, 1, 1, 400.0]
        assert [sources[None, None, "meta"][name] for name in names] == [1, 0, 0, 0, 0]
        assert [sources[None, None, None][name] for name in names] == [1, 2, 0, 0, 0]

    async def test_names_the_question_that_lost_a_lead(self, figures: dict[str, Any]) -> None:
        assert [(gap["question"], gap["count"]) for gap in figures["knowledge_gaps"]] == [
            ("Is there a group?", 1)
        ]

    async def test_can_be_asked_for_some_days(
        self, figures: dict[str, Any], api: Api, organization: Organization
    ) -> None:
        path = f"/api/campaigns/{organization.code}/analytics"
        friday = await _get(api, organization, path, start_date="2026-03-13", end_date="2026-03-13")
        metrics = friday["metrics"]
        assert (metrics["total_conversations"], metrics["total_conversions"], metrics["revenue"]) == (
            *(1, 1),
            497.0,
        )

    @pytest.mark.parametrize(
        ("start", "end"), [("2026-03-14", "2026-03-09"), ("2000-01-01", "2026-01-01"), ("no", "2026-01-01")]
    )
    async def test_odd_days_are_refused(
        self, api: Api, organization: Organization, start: str, end: str
    ) -> None:
        path = f"/api/campaigns/{organization.code}/analytics"
        answer = await _get(api, organization, path, start_date=start, end_date=end)
        assert (answer["status"], answer["error"]["code"]) == (400, "INVALID_INPUT")

    async def test_of_another_organization_does_not_exist(
        self, api: Api, organization: Organization, new_organization: NewOrganization
    ) -> None:
        other = await new_organization()
        for path in (
            f"/api/campaigns/{other.code}/analytics",
            f"/api/analytics/dashboard?campaign_code={other.code}",
            f"/api/analytics/payments.csv?campaign_code={other.code}",
        ):
            answer = await _get(api, organization, path)
            assert (answer["status"], answer["error"]["code"]) == (404, "CAMPAIGN_NOT_FOUND")


class TestTheDashboard:
    async def test_is_of_today_in_the_organization_s_time_zone(
        self, api: Api, organization: Organization
    ) -> None:
        await api.parts.database.fetch(
            Claims.for_organization(organization.id),
            "update organizations set time_zone = 'Pacific/Kiritimati' returning id",
        )
        now = utc_now()
        thread_id = await rows.conversation(
            api.parts, organization, now, qualified_at=now, stage="converted", converted_at=now
        )
        await rows.payment(api.parts, organization, now, thread_id)
        await rows.payment(api.parts, organization, now - timedelta(days=2), None, converts=True)
        answer = await _get(api, organization, "/api/analytics/dashboard")
        assert answer["summary"] == {
            "total_campaigns": 1,
            "active_conversations": 1,
            "total_qualified_today": 1,
            "total_conversions_today": 1,
            "conversion_rate_today": 1.0,
            "revenue_today": 497.0,
            "currency": "USD",
        }
        assert answer["range"]["time_zone"] == "Pacific/Kiritimati"
        assert answer["timeline"][-1]["date"] == answer["range"]["end_date"]
        assert answer["metrics"]["revenue"] == 994.0
        recent = answer["recent_conversions"]
        assert [(one["instagram_handle"], one["plan"], one["amount"]) for one in recent] == [
            ("@x", "option2", 497.0),
            (None, "option2", 497.0),
        ]
        assert recent[0]["completed_at"].endswith("Z")

    async def test_has_each_currency_apart(self, api: Api, organization: Organization) -> None:
        now = utc_now()
        for amount, currency in ((100, "USD"), (200, "USD"), (5_000, "JPY")):
            await rows.payment(
                api.parts, organization, now, None, amount=amount, currency=currency, converts=False
            )
        metrics = (await _get(api, organization, "/api/analytics/dashboard"))["metrics"]
        assert (metrics["revenue"], metrics["currency"]) == (3.0, "USD")
        assert [(one["currency"], one["revenue"]) for one in metrics["money"]] == [
            ("JPY", 5000.0),
            ("USD", 3.0),
        ]

    async def test_of_nothing_is_zeros(self, api: Api, organization: Organization) -> None:
        answer = await _get(api, organization, "/api/analytics/dashboard")
        assert answer["status"] == 200
        assert answer["metrics"]["conversion_rate"] == 0
        assert answer["metrics"]["avg_time_to_qualification"] is None
        assert len(answer["timeline"]) == 30
