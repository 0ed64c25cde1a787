"""Checkout sessions: paid, failed, expired. Paid is final; nothing is sold at another price than asked."""

from collections.abc import Mapping
from typing import Any

from psycopg.rows import DictRow

from core.database import Database
from core.database.pool import Connection
from core.jobs import defer
from core.payments.events import StripeEvent, part, reference, text, whole
from core.payments.saying import say_apart
from ingestion_worker.payments import repository, subscriptions
from ingestion_worker.payments.settling import alert, settle_foreign, settle_in, wake_waiting
from ingestion_worker.payments.wording import thanks


async def completed(database: Database, event: StripeEvent) -> None:
    """A session went through; its money is there, or still on its way."""
    owner = await _owner(database, event)
    if owner is None:
        await settle_foreign(database, event, "no checkout of ours")
        return

    async def apply(connection: Connection) -> str:
        checkout = await repository.locked_checkout(connection, owner["checkout_id"])
        if event.object.get("payment_status") != "paid":
            await repository.raise_status(
                connection, checkout["id"], "processing", text(event.object.get("id"))
            )
            return "not paid yet"
        asked, got = _asked(checkout), _got(checkout, event.object)
        if asked != got:
            await _refuse(connection, checkout, event, asked, got)
            return "mismatch"
        if checkout["kind"] == "plan":
            return await subscriptions.bought(connection, checkout, event)
        return await _sell(connection, checkout, event)

    await settle_in(database, owner["organization_id"], event, apply)


async def failed(database: Database, event: StripeEvent) -> None:
    """The money did not come after all."""
    await _move(database, event, "failed")


async def expired(database: Database, event: StripeEvent) -> None:
    """The session ended without a payment; the next click on the link opens another."""
    await _move(database, event, "expired")


async def _move(database: Database, event: StripeEvent, status: str) -> None:
    owner = await _owner(database, event)
    if owner is None:
        await settle_foreign(database, event, "no checkout of ours")
        return

    async def apply(connection: Connection) -> str:
        session_id = text(event.object.get("id"))
        await repository.raise_status(connection, owner["checkout_id"], status, session_id)
        return status

    await settle_in(database, owner["organization_id"], event, apply)


async def _owner(database: Database, event: StripeEvent) -> DictRow | None:
    about = part(event.object, "metadata")
    checkout_id = text(about.get("checkout_id")) or text(event.object.get("client_reference_id"))
    return await repository.checkout_owner(
        database, checkout_id, text(event.object.get("id")), text(about.get("thread_id"))
    )


def _asked(checkout: DictRow) -> dict[str, object]:
    return {
        "amount": checkout["amount"],
        "currency": checkout["currency"],
        "offer": checkout["offer_id"],
        "thread_id": checkout["conversation_id"],
    }


def _got(checkout: DictRow, session: Mapping[str, Any]) -> dict[str, object]:
    """What was paid for, as the session says; what it is silent about is taken as asked for."""
    about = part(session, "metadata")
    currency = text(session.get("currency"))
    return {
        "amount": whole(session.get("amount_total")),
        "currency": currency and currency.upper(),
        "offer": text(about.get("offer")) or checkout["offer_id"],
        # A conversation that was deleted meanwhile is no mismatch: the money is the owner's all the same.
        "thread_id": checkout["conversation_id"]
        and (text(about.get("thread_id")) or checkout["conversation_id"]),
    }


async def _refuse(
    connection: Connection,
    checkout: DictRow,
    event: StripeEvent,
    asked: dict[str, object],
    got: dict[str, object],
) -> None:
    await alert(
        connection,
        checkout["organization_id"],
        "payment_mismatch",
        text(event.object.get("id")) or event.id,
        "A payment does not match what was asked for. Nothing was counted; look at it in Stripe.",
        {"checkout_id": checkout["id"], "asked": asked, "got": got},
    )


async def _sell(connection: Connection, checkout: DictRow, event: StripeEvent) -> str:
    """Store the payment, win the conversation, and let everybody know; once for each session."""
    session = event.object
    conversation = await repository.locked_conversation(connection, checkout["conversation_id"])
    references = [reference(session.get("payment_intent")), reference(session.get("invoice"))]
    await wake_waiting(connection, references)
    first = await repository.converts(connection, checkout)
    payment_id = await repository.insert_payment(
        connection, _payment(checkout, conversation, event) | {"converts": first}
    )
    if payment_id is None:
        return "known"
    await repository.raise_status(connection, checkout["id"], "paid")
    if not first:
        await alert(
            connection,
            checkout["organization_id"],
            "paid_again",
            payment_id,
            "A lead who had paid before has paid once more. It counts as revenue, not as another conversion.",
            {"checkout_id": checkout["id"], "thread_id": checkout["conversation_id"]},
        )
    email = text(part(session, "customer_details").get("email"))
    if conversation is not None:
        won = await repository.convert(connection, conversation["id"])
        await say_apart(connection, won, thanks(won["language"], by_mail=email is not None))
    if email is not None:
        await defer(
            connection,
            "payments.send_onboarding",
            organization_id=checkout["organization_id"],
            payment_id=payment_id,
        )
    return "converted" if first else "paid again"


def _payment(checkout: DictRow, conversation: DictRow | None, event: StripeEvent) -> dict[str, Any]:
    session, customer = event.object, part(event.object, "customer_details")
    return {
        "organization_id": checkout["organization_id"],
        "campaign_id": checkout["campaign_id"],
        "conversation_id": checkout["conversation_id"],
        "checkout_id": checkout["id"],
        "kind": "purchase",
        "offer_id": checkout["offer_id"],
        "offer_name": checkout["offer_name"],
        "amount": checkout["amount"],
        "currency": checkout["currency"],
        "source": checkout["source"],
        "objections": _objections(conversation),
        "session_id": text(session.get("id"), 255),
        "invoice_id": reference(session.get("invoice")),
        "payment_intent": reference(session.get("payment_intent")),
        "subscription_id": reference(session.get("subscription")),
        "customer_id": reference(session.get("customer")),
        "email": text(customer.get("email")),
        "name": text(customer.get("name")),
        "language": conversation and conversation["language"],
        "test": event.test,
        "paid_at": event.created,
    }


def _objections(conversation: DictRow | None) -> dict[str, bool]:
    """The doubts met by now; one counts as answered when it was each time."""
    answered: dict[str, bool] = {}
    for met in conversation["objections"] if conversation else ():
        answered[met["type"]] = answered.get(met["type"], True) and bool(met["answered"])
    return answered
