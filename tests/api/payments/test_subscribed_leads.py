"""Offers that are paid by the month: the first payment, the renewals, and what is paid back of them."""

from typing import Any

import pytest

from agent.playbook.default import default_playbook
from api.playbooks import repository
from core.database import Claims
from tests.api.payments.conftest import Chosen, Shop


@pytest.fixture
async def monthly(shop: Shop) -> Shop:
    """A shop whose program is paid by the month."""
    content = default_playbook().model_dump(mode="json")
    content["offers"][1]["billing"] = "month"
    async with shop.api.parts.database.transaction(
        Claims.for_organization(shop.organization.id)
    ) as connection:
        await repository.insert(
            connection,
            organization_id=shop.organization.id,
            campaign_id=None,
            content=content,
            created_by=shop.organization.user_id,
        )
    return shop


def _invoice(chosen: Chosen, session: dict[str, Any], reason: str, number: str) -> dict[str, Any]:
    return {
        "id": number,
        "object": "invoice",
        "amount_paid": 49700,
        "currency": "usd",
        "billing_reason": reason,
        "customer": session["customer"],
        "customer_email": "mike@example.com",
        "parent": {
            "type": "subscription_details",
            "subscription_details": {
                "subscription": session["subscription"],
                "metadata": session["subscription_metadata"],
            },
        },
    }


class TestByTheMonth:
    async def test_each_renewal_is_a_payment_and_only_the_first_a_conversion(self, monthly: Shop) -> None:
        chosen = await monthly.chooses()
        session_id = await chosen.session_id()
        session = monthly.stripe.sessions[session_id]
        assert session["mode"] == "subscription"
        paid = monthly.stripe.paid(session_id)
        first = _invoice(chosen, session, "subscription_create", session["invoice"])
        second = _invoice(chosen, session, "subscription_cycle", "in_second")
        for event in (
            monthly.stripe.event("invoice.paid", second),
            monthly.stripe.event("invoice.payment_succeeded", second),
            monthly.stripe.event("invoice.paid", first),
            paid,
        ):
            await monthly.deliver(event)
            await monthly.work()
        rows = await monthly.rows("select kind, converts, amount from payments order by kind")
        assert [tuple(row.values()) for row in rows] == [("purchase", True, 49700), ("renewal", False, 49700)]

    async def test_a_refund_finds_the_payment_of_its_invoice(self, monthly: Shop) -> None:
        chosen = await monthly.chooses()
        session_id = await chosen.session_id()
        paid = monthly.stripe.paid(session_id)
        session = monthly.stripe.sessions[session_id]
        attached = {
            "id": "inpay_1",
            "object": "invoice_payment",
            "invoice": session["invoice"],
            "payment": {"type": "payment_intent", "payment_intent": "pi_of_the_invoice"},
        }
        refund = {
            "id": "re_of_the_invoice",
            "object": "refund",
            "amount": 49700,
            "currency": "usd",
            "status": "succeeded",
            "payment_intent": "pi_of_the_invoice",
            "created": paid["created"],
        }
        for event in (
            monthly.stripe.event("refund.created", refund),
            monthly.stripe.event("invoice_payment.paid", attached),
            paid,
        ):
            await monthly.deliver(event)
            await monthly.work()
        assert (await monthly.rows("select status from payments"))[0]["status"] == "refunded"
