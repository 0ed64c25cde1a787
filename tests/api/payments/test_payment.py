"""What a payment comes to, and what it does not."""

import itertools
from typing import Any

import pytest

from core.database import Claims
from tests.api.chat.talking import parse, say, text_of
from tests.api.payments.conftest import Chosen, Shop

PAYMENT = "select * from payments"
ALERTS = "select type, subject, details from alerts"


async def _pays(chosen: Chosen, **changes: Any) -> None:
    shop = chosen.shop
    await shop.deliver(shop.stripe.paid(await chosen.session_id(), **changes))
    await shop.work()


async def _conversation(chosen: Chosen) -> dict[str, Any]:
    return (await chosen.shop.rows("select * from conversations where id = %s", chosen.thread_id))[0]


class TestConverted:
    async def test_stores_the_payment_and_counts_it(self, shop: Shop) -> None:
        chosen = await shop.chooses()
        await _pays(chosen)
        payment = (await shop.rows(PAYMENT))[0]
        assert (payment["amount"], payment["currency"], payment["status"]) == (49700, "USD", "paid")
        assert (payment["offer_id"], payment["conversation_id"]) == ("option2", chosen.thread_id)
        assert payment["converts"]
        assert payment["email"] == "mike@example.com"
        conversation = await _conversation(chosen)
        assert (conversation["stage"], conversation["qualified"]) == ("converted", True)
        assert (await shop.rows("select status from checkouts"))[0]["status"] == "paid"
        totals = await shop.rows("select sum(conversions)::int as n from campaign_totals")
        assert totals[0]["n"] == 1

    async def test_the_agent_says_thank_you_and_what_happens_next(self, shop: Shop) -> None:
        chosen = await shop.chooses()
        await _pays(chosen)
        last = (await chosen.history())[-1]
        assert last["role"] == "ai"
        assert "your payment is in" in last["content"]
        assert "next steps" in last["content"]

    async def test_an_open_page_hears_of_it(self, shop: Shop) -> None:
        """It reads on from the last event that it saw, as after a lost connection."""
        chosen = await shop.chooses()
        await _pays(chosen)
        async with chosen.browser.get(
            "/api/chat/stream",
            params={"thread_id": chosen.thread_id},
            headers={"Last-Event-ID": chosen.events[-1].id},
        ) as answer:
            events = parse(await answer.read())
        assert "your payment is in" in text_of(events)
        assert [e.kind for e in events][-2:] == ["state", "done"]
        assert events[-2].data["current_stage"] == "converted"
        assert events[0].id.startswith("2-1-")

    async def test_the_agent_knows_in_its_next_turn(self, shop: Shop) -> None:
        chosen = await shop.chooses()
        await _pays(chosen)
        events = await say(chosen.browser, shop.organization.code, "Great! What now?")
        assert events[-1].data["metadata"]["current_stage"] == "converted"
        assert not [event for event in events if event.kind == "checkout"]
        assert "$" not in text_of(events)
        assert (await _conversation(chosen))["said_apart"] is None
        assert (await _conversation(chosen))["stage"] == "converted"

    async def test_a_conversation_that_was_deleted_leaves_the_money(self, shop: Shop) -> None:
        chosen = await shop.chooses()
        session_id = await chosen.session_id()
        await shop.rows("delete from conversations where id = %s returning id", chosen.thread_id)
        await shop.deliver(shop.stripe.paid(session_id))
        await shop.work()
        payment = (await shop.rows(PAYMENT))[0]
        assert (payment["amount"], payment["conversation_id"], payment["converts"]) == (49700, None, True)
        assert (await chosen.follow()).status == 410

    async def test_a_second_purchase_is_revenue_and_no_second_conversion(self, shop: Shop) -> None:
        chosen = await shop.chooses()
        first = await chosen.session_id()
        await shop.deliver(shop.stripe.expired(first))
        await shop.work()
        await chosen.follow()
        for session_id in (first, await chosen.session_id()):
            await shop.deliver(shop.stripe.paid(session_id))
            await shop.work()
        payments = await shop.rows(f"{PAYMENT} order by created_at")
        assert [p["converts"] for p in payments] == [True, False]
        assert [a["type"] for a in await shop.rows(ALERTS)] == ["paid_again"]

    async def test_a_documented_event_without_our_own_marks_finds_its_conversation(self, shop: Shop) -> None:
        chosen = await shop.chooses()
        about = {
            "thread_id": chosen.thread_id,
            "campaign_code": shop.organization.code,
            "instagram_handle": "@tester",
        }
        content = {
            "id": "cs_test_a1b2c3d4",
            "customer": "cus_abc123",
            "metadata": about,
            "amount_total": 49700,
            "currency": "usd",
            "payment_status": "paid",
        }
        await shop.deliver(shop.stripe.event("checkout.session.completed", content))
        await shop.work()
        assert (await shop.rows(PAYMENT))[0]["session_id"] == "cs_test_a1b2c3d4"


class TestNothing:
    @pytest.mark.parametrize(
        "changes",
        [
            {"amount_total": 49699},
            {"amount_total": 0},
            {"amount_total": "49700"},
            {"amount_total": 49700.0},
            {"amount_total": True},
            {"currency": "eur"},
            {"currency": None},
            {"metadata": {"offer": "option1"}},
            {"metadata": {"thread_id": "lead-other-aaaaaaaa"}},
        ],
    )
    async def test_is_converted_by_a_mismatch_but_an_alert_is_raised(
        self, shop: Shop, changes: dict[str, Any]
    ) -> None:
        chosen = await shop.chooses()
        session_id = await chosen.session_id()
        await _pays(chosen, **changes)
        assert await shop.rows(PAYMENT) == []
        assert (await _conversation(chosen))["stage"] == "closing"
        alerts = await shop.rows(ALERTS)
        assert [(a["type"], a["subject"]) for a in alerts] == [("payment_mismatch", session_id)]

    @pytest.mark.parametrize("status", ["unpaid", "no_payment_required", None, "PAID"])
    async def test_is_converted_by_a_session_that_is_not_paid(self, shop: Shop, status: str | None) -> None:
        chosen = await shop.chooses()
        await _pays(chosen, payment_status=status)
        assert await shop.rows(PAYMENT) == []
        assert (await _conversation(chosen))["stage"] == "closing"

    async def test_is_converted_by_what_is_foreign(self, shop: Shop) -> None:
        chosen = await shop.chooses()
        content = {
            "id": "cs_test_foreign",
            "payment_status": "paid",
            "amount_total": 49700,
            "currency": "usd",
        }
        await shop.deliver(shop.stripe.event("checkout.session.completed", content))
        await shop.work()
        assert await shop.rows(PAYMENT) == []
        assert (await _conversation(chosen))["stage"] == "closing"

    async def test_another_organization_sees_nothing_of_it(self, shop: Shop, new_organization: Any) -> None:
        chosen = await shop.chooses()
        await _pays(chosen)
        other = await new_organization()
        claims = Claims.for_organization(other.id)
        for table in ("checkouts", "payments", "stripe_events", "campaign_days", "campaign_parts"):
            assert await shop.database.fetch(claims, f"select from {table}") == []
        lead = Claims.for_lead(shop.organization.id, chosen.thread_id)
        for table in ("payments", "payment_adjustments", "stripe_events", "alerts", "campaign_days"):
            assert await shop.database.fetch(lead, f"select from {table}") == []


class TestDelayedMoney:
    async def test_converts_when_it_arrives(self, shop: Shop) -> None:
        chosen = await shop.chooses()
        session_id = await chosen.session_id()
        await _pays(chosen, payment_status="unpaid")
        assert (await shop.rows("select status from checkouts"))[0]["status"] == "processing"
        session = shop.stripe.sessions[session_id]
        await shop.deliver(shop.stripe.event("checkout.session.async_payment_succeeded", session))
        await shop.work()
        assert len(await shop.rows(PAYMENT)) == 1

    async def test_that_never_comes_leaves_the_link_good(self, shop: Shop) -> None:
        chosen = await shop.chooses()
        session_id = await chosen.session_id()
        await _pays(chosen, payment_status="unpaid")
        session = shop.stripe.sessions[session_id] | {"payment_status": "unpaid"}
        await shop.deliver(shop.stripe.event("checkout.session.async_payment_failed", session))
        await shop.work()
        assert await shop.rows(PAYMENT) == []
        assert (await chosen.follow()).status == 303
        assert await chosen.session_id() != session_id


def _story(shop: Shop, session_id: str) -> list[dict[str, Any]]:
    """Completed, expired, partly refunded, disputed and lost, in the order of Stripe's clock."""
    now = shop.stripe.event("x", {})["created"]
    paid = shop.stripe.paid(session_id)
    refund = shop.stripe.refund(session_id, 10_000)
    told = [
        paid | {"created": now - 40},
        shop.stripe.expired(session_id) | {"created": now - 30},
        refund | {"created": now - 20},
        shop.stripe.charge_refunded(session_id, 10_000) | {"created": now - 20},
        shop.stripe.dispute(session_id, "needs_response") | {"created": now - 10},
        shop.stripe.dispute(session_id, "lost", "closed") | {"created": now},
    ]
    for event in told:
        event["data"]["object"]["created"] = now - 40
    return told


async def _standing(shop: Shop) -> dict[str, Any]:
    payment = (await shop.rows("select amount, status, refunded, converts from payments"))[0]
    adjustments = await shop.rows(
        "select kind, amount, status, counted from payment_adjustments order by kind"
    )
    totals = await shop.rows(
        "select sum(payments)::int as payments, sum(conversions)::int as conversions,"
        " sum(revenue)::int as revenue, sum(refunded)::int as refunded"
        " from campaign_parts where dimension = 'total'"
    )
    checkout = (await shop.rows("select status from checkouts"))[0]
    stage = (await shop.rows("select stage, total_messages from conversations"))[0]
    return {"payment": payment, "adjustments": adjustments, "totals": totals, **checkout, **stage}


EXPECTED = {
    "payment": {"amount": 49700, "status": "dispute_lost", "refunded": 59700, "converts": True},
    "adjustments": [
        {"kind": "charge", "amount": 10000, "status": "refunded", "counted": False},
        {"kind": "dispute", "amount": 49700, "status": "lost", "counted": True},
        {"kind": "refund", "amount": 10000, "status": "succeeded", "counted": True},
    ],
    "totals": [{"payments": 1, "conversions": 1, "revenue": 49700, "refunded": 59700}],
    "status": "paid",
    "stage": "converted",
    "total_messages": 4,
}


class TestEveryOrder:
    @pytest.mark.parametrize("order", list(itertools.permutations((0, 1, 2, 4))), ids=str)
    async def test_of_completed_expired_refunded_and_disputed_ends_alike(
        self, shop: Shop, order: tuple[int, ...]
    ) -> None:
        chosen = await shop.chooses()
        told = _story(shop, await chosen.session_id())
        rest = [told[3], told[5]]
        for event in [told[i] for i in order] + rest:
            await shop.deliver(event)
            await shop.work()
        assert await _standing(shop) == EXPECTED

    async def test_backwards_and_all_at_once(self, shop: Shop) -> None:
        chosen = await shop.chooses()
        told = _story(shop, await chosen.session_id())
        for event in reversed(told):
            await shop.deliver(event)
            await shop.deliver(event)
        await shop.work()
        assert await _standing(shop) == EXPECTED

    async def test_a_dispute_that_is_won_gives_the_money_back(self, shop: Shop) -> None:
        chosen = await shop.chooses()
        session_id = await chosen.session_id()
        await _pays(chosen)
        await shop.deliver(shop.stripe.dispute(session_id, "won", "closed"))
        await shop.deliver(shop.stripe.dispute(session_id, "needs_response"))
        await shop.work()
        payment = (await shop.rows(PAYMENT))[0]
        assert (payment["status"], payment["refunded"]) == ("paid", 0)

    async def test_a_refund_that_fails_is_none(self, shop: Shop) -> None:
        chosen = await shop.chooses()
        session_id = await chosen.session_id()
        await _pays(chosen)
        made = shop.stripe.refund(session_id, 49_700)
        await shop.deliver(made)
        await shop.work()
        assert (await shop.rows(PAYMENT))[0]["status"] == "refunded"
        failed = shop.stripe.event("refund.failed", made["data"]["object"] | {"status": "failed"})
        await shop.deliver(failed)
        await shop.work()
        payment = (await shop.rows(PAYMENT))[0]
        assert (payment["status"], payment["refunded"]) == ("paid", 0)

    async def test_a_refund_of_something_foreign_waits_for_ever_and_harms_nobody(self, shop: Shop) -> None:
        content = {"id": "re_foreign", "amount": 5, "status": "succeeded", "payment_intent": "pi_foreign"}
        assert (await shop.deliver(shop.stripe.event("refund.created", content)))[0] == 200
        await shop.work()
        assert await shop.rows("select from payment_adjustments") == []
