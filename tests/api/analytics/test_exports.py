"""Conversations and payments as CSV."""

import csv
import io
from datetime import timedelta

import aiohttp
import pytest

from core.database import Claims
from tests.api.analytics import rows
from tests.api.analytics.rows import MONDAY
from tests.api.conftest import Api, NewOrganization
from tests.api.organization import Organization

MANY = 2_300
"""More than two pages."""


async def _export(
    api: Api, organization: Organization, name: str, **query: str
) -> tuple[aiohttp.ClientResponse, list[dict[str, str]]]:
    async with (
        aiohttp.ClientSession(api.url, headers=organization.bearer) as http,
        http.get(f"/api/analytics/{name}.csv", params=query) as answer,
    ):
        return answer, list(csv.DictReader(io.StringIO(await answer.text())))


class TestPayments:
    async def test_are_told_in_full(self, api: Api, organization: Organization) -> None:
        thread_id = await rows.conversation(api.parts, organization, MONDAY)
        paid = await rows.payment(
            api.parts,
            organization,
            MONDAY,
            thread_id,
            refunded=9_700,
            email="mike@example.com",
            source={"utm_source": "ig", "fbclid": "F1"},
        )
        answer, lines = await _export(api, organization, "payments")
        assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
        assert answer.headers["Content-Disposition"] == 'attachment; filename="payments.csv"'
        line = {name: value for name, value in lines[0].items() if value}
        assert line == {
            "id": paid,
            "paid_at": "2026-03-09T12:00:00Z",
            "kind": "purchase",
            "status": "paid",
            "amount": "497.00",
            "refunded": "97.00",
            "currency": "USD",
            "offer_id": "option2",
            "offer_name": "Client Engine Program",
            "campaign_code": organization.code,
            "thread_id": thread_id,
            "instagram_handle": "x",
            "email": "mike@example.com",
            "test": "False",
            "utm_source": "ig",
            "fbclid": "F1",
        }

    async def test_of_a_currency_without_cents_have_none(self, api: Api, organization: Organization) -> None:
        await rows.payment(api.parts, organization, MONDAY, None, amount=5_000, currency="JPY")
        assert (await _export(api, organization, "payments"))[1][0]["amount"] == "5000"

    @pytest.mark.parametrize(
        "formula", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\n=1", "＝1"]
    )
    async def test_hold_no_formula(self, api: Api, organization: Organization, formula: str) -> None:
        await rows.payment(
            api.parts, organization, MONDAY, None, name=formula, source={"utm_source": formula}
        )
        line = (await _export(api, organization, "payments"))[1][0]
        for name in ("name", "utm_source"):
            assert line[name].startswith("'")

    async def test_can_be_of_some_days_and_one_campaign(self, api: Api, organization: Organization) -> None:
        for days in range(3):
            await rows.payment(api.parts, organization, MONDAY + timedelta(days=days), None)
        _, lines = await _export(
            api, organization, "payments", start_date="2026-03-10", end_date="2026-03-10"
        )
        assert [line["paid_at"] for line in lines] == ["2026-03-10T12:00:00Z"]
        _, lines = await _export(api, organization, "payments", campaign_code=organization.code)
        assert len(lines) == 3


class TestConversations:
    async def test_come_whole_and_in_order_however_many(
        self, api: Api, organization: Organization, new_organization: NewOrganization
    ) -> None:
        other = await new_organization()
        await rows.conversation(api.parts, other, MONDAY)
        first = await rows.conversation(api.parts, organization, MONDAY)
        await api.parts.database.fetch(
            Claims.for_organization(organization.id),
            "insert into conversations (id, organization_id, campaign_id, playbook_id, handle, created_at)"
            " select 'lead-x-' || n || %s, organization_id, campaign_id, playbook_id, 'lead' || n,"
            "  created_at + n / 3 * interval '1 minute'"
            " from conversations, generate_series(1, %s) n where id = %s returning id",
            (organization.id, MANY, first),
        )
        _, lines = await _export(api, organization, "conversations")
        assert len({line["thread_id"] for line in lines}) == len(lines) == MANY + 1
        moments = [line["created_at"] for line in lines]
        assert moments == sorted(moments)

    async def test_hold_what_was_learned_and_met(self, api: Api, organization: Organization) -> None:
        await rows.conversation(
            api.parts,
            organization,
            MONDAY,
            fields={"business_type": "gym"},
            objections=[{"type": "price", "words": "", "answered": True}] * 2,
        )
        line = (await _export(api, organization, "conversations"))[1][0]
        assert (line["fields"], line["objections"]) == ('{"business_type":"gym"}', "price")

    async def test_that_were_taken_away_are_in_the_audit(self, api: Api, organization: Organization) -> None:
        await _export(api, organization, "conversations")
        claims = Claims.for_organization(organization.id, organization.user_id)
        found = await api.parts.database.fetch(
            claims, "select resource from audit_events where event_type = 'data_export'"
        )
        assert [row["resource"] for row in found] == ["conversations"]
