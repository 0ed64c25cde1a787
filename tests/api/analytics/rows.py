"""Conversations, clicks and payments at chosen moments."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from psycopg import sql
from psycopg.types.json import Jsonb

from api.parts import Parts
from core.database import Claims
from core.identifiers import new_id
from tests.api.organization import Organization

MONDAY = datetime(2026, 3, 9, 12, tzinfo=UTC)


async def click(parts: Parts, organization: Organization, at: datetime, **parameters: str) -> None:
    """Somebody opens the link."""
    await _insert(
        parts,
        organization,
        "visits",
        {"day": at.date(), "visitor": new_id("v").encode(), "parameters": parameters, "created_at": at},
    )


async def conversation(parts: Parts, organization: Organization, at: datetime, **values: Any) -> str:
    """One that began at a moment; returns its id."""
    claims = Claims.for_organization(organization.id)
    async with parts.database.transaction(claims) as connection:
        playbook = await parts.playbooks.current(connection, organization.campaign_id)
    thread_id = f"lead-x-{new_id('c')[-12:]}"
    await _insert(
        parts,
        organization,
        "conversations",
        {
            "id": thread_id,
            "playbook_id": playbook.id,
            "handle": "x",
            "created_at": at,
            "last_message_at": at,
            "total_messages": 1,
            **values,
        },
    )
    return thread_id


async def payment(
    parts: Parts, organization: Organization, at: datetime, thread_id: str | None, **values: Any
) -> str:
    """A purchase; returns its id."""
    payment_id = new_id("pay")
    await _insert(
        parts,
        organization,
        "payments",
        {
            "id": payment_id,
            "conversation_id": thread_id,
            "kind": "purchase",
            "converts": True,
            "offer_id": "option2",
            "offer_name": "Client Engine Program",
            "amount": 49_700,
            "currency": "USD",
            "test": False,
            "paid_at": at,
            **values,
        },
    )
    return payment_id


async def refund(
    parts: Parts, organization: Organization, at: datetime, payment_id: str, amount: int
) -> None:
    """Some of it goes back."""
    await _insert(
        parts,
        organization,
        "payment_adjustments",
        {
            "id": new_id("re"),
            "payment_id": payment_id,
            "kind": "refund",
            "amount": amount,
            "status": "succeeded",
            "counted": True,
            "occurred_at": at,
            "told_at": at,
            "rank": 2,
        },
        campaign=False,
    )


async def gap(parts: Parts, organization: Organization, at: datetime, thread_id: str, question: str) -> None:
    """A question that no document answered."""
    values = {"id": new_id("gap"), "conversation_id": thread_id, "question": question, "created_at": at}
    await _insert(parts, organization, "knowledge_gaps", values)


async def _insert(
    parts: Parts,
    organization: Organization,
    table: str,
    values: Mapping[str, Any],
    *,
    campaign: bool = True,
) -> None:
    row = {"organization_id": organization.id, **values}
    if campaign:
        row["campaign_id"] = organization.campaign_id
    row = {name: Jsonb(value) if isinstance(value, dict | list) else value for name, value in row.items()}
    statement = sql.SQL("insert into {} ({}) values ({})").format(
        sql.Identifier(table),
        sql.SQL(", ").join(map(sql.Identifier, row)),
        sql.SQL(", ").join(map(sql.Placeholder, row)),
    )
    async with parts.database.transaction(Claims.for_organization(organization.id)) as connection:
        await connection.execute(statement, row)
