"""An organization's own plan: bought, changed, ended, and what it allows."""

import asyncio
import itertools
from typing import Any

import aiohttp
import psycopg
import pytest

from ingestion_worker.payments.handling import handle
from tests.api.conftest import Api, NewOrganization
from tests.api.payments.conftest import Shop, worker
from tests.standins.stripe import Fault

PROFESSIONAL = {"tier": "professional", "billing_period": "monthly"}
STARTER = {"tier": "starter", "billing_period": "yearly"}
LIMITS = ("plan", "status", "max_users", "max_campaigns", "cancel_at_period_end")


async def _ask(
    shop: Shop, method: str, path: str, body: dict[str, Any] | None = None
) -> tuple[int, dict[str, Any]]:
    async with (
        aiohttp.ClientSession(shop.api.url, headers=shop.organization.bearer) as owner,
        owner.request(method, path, json=body) as answer,
    ):
        return answer.status, await answer.json()


async def _checkout(shop: Shop, wanted: dict[str, str]) -> str:
    status, answer = await _ask(shop, "POST", "/api/v1/payments/checkout", wanted)
    assert status == 201
    session_id: str = answer["session_id"]
    return session_id


async def _tell(shop: Shop, *events: dict[str, Any]) -> None:
    for event in events:
        assert (await shop.deliver(event))[0] == 200
        await shop.work()


async def _standing(shop: Shop) -> tuple[Any, ...]:
    status, answer = await _ask(shop, "GET", "/api/v1/subscription/status")
    assert status == 200
    return tuple(answer[name] for name in LIMITS)


class TestBuying:
    async def test_begins_with_no_plan_and_no_limits(self, shop: Shop) -> None:
        _, answer = await _ask(shop, "GET", "/api/v1/subscription/status")
        offered = {plan["tier"]: plan["monthly"] for plan in answer.pop("plans")}
        assert offered == {"starter": 49.0, "professional": 149.0, "enterprise": 499.0}
        assert answer == {
            "plan": "free",
            "status": "none",
            "tier": None,
            "billing_period": None,
            "users": 1,
            "current_period_end": None,
            "cancel_at_period_end": False,
            "max_users": None,
            "campaigns": 1,
            "max_campaigns": None,
        }

    async def test_opens_one_session_with_our_price(self, shop: Shop) -> None:
        first, again = await asyncio.gather(_checkout(shop, PROFESSIONAL), _checkout(shop, PROFESSIONAL))
        assert first == again
        session = shop.stripe.sessions[first]
        assert (session["mode"], session["amount_total"], session["currency"]) == (
            *("subscription", 14_900),
            "usd",
        )
        assert session["metadata"]["organization_id"] == shop.organization.id
        _, answer = await _ask(shop, "POST", "/api/v1/payments/checkout", STARTER)
        assert (answer["amount"], answer["currency"]) == (490.0, "USD")
        assert answer["checkout_url"] == session["url"].replace(first, answer["session_id"])

    async def test_holds_once_it_is_paid(self, shop: Shop) -> None:
        session_id = await _checkout(shop, PROFESSIONAL)
        assert (await _standing(shop))[0] == "free"
        await _tell(shop, shop.stripe.paid(session_id))
        assert await _standing(shop) == ("professional", "active", 10, 50, False)
        assert await shop.rows("select from payments") == []

    async def test_holds_though_it_was_told_of_before_it_was_paid(self, shop: Shop) -> None:
        session_id = await _checkout(shop, PROFESSIONAL)
        paid = shop.stripe.paid(session_id)
        await _tell(shop, shop.stripe.subscribed(session_id, "created", status="incomplete"))
        assert (await _standing(shop))[:2] == ("free", "incomplete")
        await _tell(shop, paid | {"created": paid["created"] + 1})
        assert (await _standing(shop))[:2] == ("professional", "active")

    async def test_is_not_sold_twice(self, shop: Shop) -> None:
        await _tell(shop, shop.stripe.paid(await _checkout(shop, PROFESSIONAL)))
        status, answer = await _ask(shop, "POST", "/api/v1/payments/checkout", PROFESSIONAL)
        assert (status, answer["error"]["code"]) == (409, "CONFLICT")

    @pytest.mark.parametrize(
        "change", [{"amount_total": 1}, {"currency": "eur"}, {"payment_status": "unpaid"}]
    )
    async def test_is_not_had_for_less(self, shop: Shop, change: dict[str, Any]) -> None:
        await _tell(shop, shop.stripe.paid(await _checkout(shop, PROFESSIONAL), **change))
        assert (await _standing(shop))[0] == "free"

    @pytest.mark.parametrize(
        "body", [{}, {"tier": "gold", "billing_period": "monthly"}, {**PROFESSIONAL, "amount": 1}]
    )
    async def test_another_plan_is_refused(self, shop: Shop, body: dict[str, Any]) -> None:
        status, answer = await _ask(shop, "POST", "/api/v1/payments/checkout", body)
        assert (status, answer["error"]["code"]) == (422, "VALIDATION_ERROR")

    async def test_stripe_away_is_said(self, shop: Shop) -> None:
        shop.stripe.faults.extend([Fault(status=503)] * 3)
        status, answer = await _ask(shop, "POST", "/api/v1/payments/checkout", PROFESSIONAL)
        assert (status, answer["error"]["code"]) == (503, "SERVICE_UNAVAILABLE")


class TestEnding:
    async def test_is_at_the_end_of_the_period(self, shop: Shop) -> None:
        session_id = await _checkout(shop, PROFESSIONAL)
        await _tell(shop, shop.stripe.paid(session_id), shop.stripe.subscribed(session_id, "created"))
        for _ in range(2):
            status, answer = await _ask(shop, "POST", "/api/v1/subscription/cancel")
            assert (status, answer["plan"], answer["cancel_at_period_end"]) == (200, "professional", True)
        cancelled = [r for r in shop.stripe.requests if r[1].startswith("/v1/subscriptions/")]
        assert [r[2] for r in cancelled] == [{"cancel_at_period_end": "true"}]
        await _tell(shop, shop.stripe.subscribed(session_id, "deleted", status="canceled"))
        assert await _standing(shop) == ("free", "canceled", None, None, True)

    async def test_of_none_is_refused(self, shop: Shop) -> None:
        assert (await _ask(shop, "POST", "/api/v1/subscription/cancel"))[0] == 404

    async def test_gives_back_what_a_superadmin_had_given(self, shop: Shop) -> None:
        await shop.rows("update organizations set plan = 'free', max_users = 2 returning id")
        session_id = await _checkout(shop, PROFESSIONAL)
        paid = shop.stripe.paid(session_id)
        await _tell(shop, paid, shop.stripe.subscribed(session_id, "deleted", status="canceled"))
        assert (await _standing(shop))[2] == 2


class TestChanging:
    async def test_ends_the_plan_before_with_its_period(self, shop: Shop) -> None:
        first = await _checkout(shop, STARTER)
        await _tell(shop, shop.stripe.paid(first))
        second = await _checkout(shop, PROFESSIONAL)
        await _tell(shop, shop.stripe.paid(second))
        assert shop.stripe.subscriptions[shop.stripe.sessions[first]["subscription"]]["cancel_at_period_end"]
        assert not shop.stripe.subscriptions[shop.stripe.sessions[second]["subscription"]][
            "cancel_at_period_end"
        ]
        await _tell(shop, shop.stripe.subscribed(first, "deleted", status="canceled"))
        assert await _standing(shop) == ("professional", "active", 10, 50, False)

    @pytest.mark.parametrize("order", list(itertools.permutations(range(4))), ids=str)
    async def test_ends_alike_in_every_order(self, shop: Shop, order: tuple[int, ...]) -> None:
        first, second = await _checkout(shop, STARTER), await _checkout(shop, PROFESSIONAL)
        for session_id in (first, second):
            shop.stripe.paid(session_id)
        now = shop.stripe.event("x", {})["created"]
        begun = {"created": now - 100}
        told = [
            shop.stripe.subscribed(first, "created", **begun) | {"created": now - 100},
            shop.stripe.subscribed(first, "deleted", status="canceled", **begun) | {"created": now},
            shop.stripe.subscribed(second, "created", created=now - 50) | {"created": now - 50},
            shop.stripe.subscribed(second, "updated", created=now - 50, status="past_due")
            | {"created": now - 10},
        ]
        for event in (told[i] for i in order):
            await shop.deliver(event)
            await handle(shop.database, event["id"])
        assert await _standing(shop) == ("professional", "past_due", 10, 50, False)


class TestLimits:
    async def test_of_campaigns_hold_however_one_gets_there(self, shop: Shop) -> None:
        await shop.rows("update organizations set max_campaigns = 3 returning id")
        answers = await asyncio.gather(
            *(_ask(shop, "POST", "/api/campaigns/create", {"name": f"C{n}"}) for n in range(5))
        )
        assert sorted(status for status, _ in answers) == [201, 201, 409, 409, 409]
        made = next(answer["campaign"]["code"] for status, answer in answers if status == 201)
        assert (await _ask(shop, "PATCH", f"/api/campaigns/{made}", {"name": "Other"}))[0] == 200
        assert (await _ask(shop, "PATCH", f"/api/campaigns/{made}", {"is_active": False}))[0] == 200
        status, answer = await _ask(shop, "POST", "/api/campaigns/create", {"name": "Instead"})
        assert status == 201
        for change in ({"is_active": True}, {"is_active": True, "expires_at": None}):
            status, refused = await _ask(shop, "PATCH", f"/api/campaigns/{made}", change)
            assert (status, refused["error"]["details"]) == (409, {"max_campaigns": 3})
        past = {"expires_at": "2020-01-01T00:00:00Z"}
        await shop.rows(
            "update campaigns set expires_at = %s where code = %s returning id",
            past["expires_at"],
            answer["campaign"]["code"],
        )
        assert (await _ask(shop, "PATCH", f"/api/campaigns/{made}", {"is_active": True}))[0] == 200
        over = f"/api/campaigns/{answer['campaign']['code']}"
        assert (await _ask(shop, "PATCH", over, {"expires_at": None}))[0] == 409

    async def test_of_people_hold_when_many_come_at_once(self, shop: Shop) -> None:
        await shop.rows("update organizations set max_users = 3 returning id")
        people = [{"email": f"p{n}-{shop.organization.id}@example.com", "role": "viewer"} for n in range(5)]
        answers = await asyncio.gather(
            *(_ask(shop, "POST", "/api/v1/invitations", person) for person in people)
        )
        assert sorted(status for status, _ in answers) == [201, 201, 409, 409, 409]


class TestWithoutStripe:
    async def test_a_plan_is_bought_and_ended_on_the_test_page(
        self, api: Api, new_organization: NewOrganization, shop: Shop
    ) -> None:
        """The desk's page takes the payment, the webhook hears of it."""
        own = Shop(api, await new_organization(), shop.stripe, shop.database, shop.work)
        _, answer = await _ask(own, "POST", "/api/v1/payments/checkout", PROFESSIONAL)
        path = answer["checkout_url"].removeprefix("http://localhost:8000")
        async with aiohttp.ClientSession(api.url) as browser:
            async with browser.get(path, headers={"Accept-Language": "en"}) as page:
                assert "$149 per month" in await page.text()
            async with browser.post(path, data={"email": "o@example.com"}, allow_redirects=False) as paid:
                assert paid.headers["Location"] == "http://localhost:8000/owner"
        await worker(api.parts.settings, own.database.conninfo, own.database)()
        assert await _standing(own) == ("professional", "active", 10, 50, False)
        _, answer = await _ask(own, "POST", "/api/v1/subscription/cancel")
        assert (answer["status"], answer["cancel_at_period_end"]) == ("active", True)
        await _now(own, "payments.lapse")
        await worker(api.parts.settings, own.database.conninfo, own.database)()
        assert await _standing(own) == ("free", "canceled", None, None, True)


async def _now(shop: Shop, task: str) -> None:
    """What was put off until the end of a month is due."""
    async with await psycopg.AsyncConnection.connect(
        shop.database.conninfo, options="-c search_path=jobs"
    ) as connection:
        await connection.execute(
            "update jobs.procrastinate_jobs set scheduled_at = now()"
            " where task_name = %s and scheduled_at > now() + interval '29 days'"
            " and args ->> 'organization_id' = %s",
            (task, shop.organization.id),
        )
