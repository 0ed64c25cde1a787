"""Conversations and payments as CSV: streamed page by page, no transaction held while a reader reads."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from fastapi.responses import StreamingResponse
from psycopg.rows import DictRow

from agent.playbook.prices import minor_digits
from api.analytics import export_repository as repository
from api.analytics.export_repository import After, Filter, Source
from api.analytics.service import Wish
from api.campaigns import repository as campaigns
from core.audit import record
from core.clock import rfc3339
from core.csv_text import csv_line
from core.database import Database
from core.errors import CampaignNotFound
from core.security.principal import Principal

_SOURCES = (
    "utm_source",
    "utm_medium",
    "utm_campaign",
    "utm_content",
    "utm_term",
    "fbclid",
    "gclid",
    "ttclid",
)


@dataclass(frozen=True, slots=True)
class Export:
    """A file: what it is called, its columns, where its rows come from, and how one becomes a line."""

    name: str
    columns: Sequence[str]
    source: Source
    line: Callable[[DictRow], list[Any]]


async def stream(
    database: Database, principal: Principal, export: Export, wish: Wish, code: str | None
) -> StreamingResponse:
    """The file, as a download; that it was taken is written down."""
    async with database.transaction(principal.claims) as connection:
        campaign = None if code is None else await campaigns.by_code(connection, code)
        if code is not None and campaign is None:
            raise CampaignNotFound(f"Campaign code {code} does not exist", details={"campaign_code": code})
        asked = {"campaign_code": code, "start_date": _day(wish.start), "end_date": _day(wish.end)}
        await record(connection, "data_export", export.name, None, asked)
    wanted = Filter(principal.organization_id, campaign["id"] if campaign else None, wish.start, wish.end)
    headers = {
        "content-disposition": f'attachment; filename="{export.name}.csv"',
        "cache-control": "no-store",
    }
    return StreamingResponse(
        _lines(database, principal, export, wanted), 200, headers, "text/csv; charset=utf-8"
    )


async def _lines(
    database: Database, principal: Principal, export: Export, wanted: Filter
) -> AsyncIterator[str]:
    yield csv_line(export.columns)
    after: After | None = None
    while True:
        async with database.transaction(principal.claims) as connection:
            rows = await repository.page(connection, export.source, wanted, after)
        if not rows:
            return
        yield "".join(csv_line(export.line(row)) for row in rows)
        after = After(rows[-1]["moment"], rows[-1]["id"])


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _moment(row: DictRow, name: str) -> str:
    return rfc3339(row[name]) if row[name] is not None else ""


def _amount(minor: int, currency: str) -> str:
    digits = minor_digits(currency)
    return f"{Decimal(minor).scaleb(-digits):.{digits}f}"


def _came_from(row: DictRow) -> list[str]:
    return [row["source"].get(name, "") for name in _SOURCES]


def _conversation(row: DictRow) -> list[Any]:
    return [
        row["id"],
        f"{row['handle']}",
        row["code"],
        row["stage"],
        row["qualified"],
        round(row["qualification_score"], 3),
        row["total_messages"],
        _moment(row, "created_at"),
        _moment(row, "last_message_at"),
        _moment(row, "qualified_at"),
        _moment(row, "converted_at"),
        row["offer_shown"] or "",
        " ".join(sorted({met["type"] for met in row["objections"]})),
        row["fields"],
        *_came_from(row),
    ]


def _payment(row: DictRow) -> list[Any]:
    return [
        row["id"],
        _moment(row, "paid_at"),
        row["kind"],
        row["status"],
        _amount(row["amount"], row["currency"]),
        _amount(row["refunded"], row["currency"]),
        row["currency"],
        row["offer_id"],
        row["offer_name"],
        row["code"],
        row["conversation_id"] or "",
        row["handle"] or "",
        row["email"] or "",
        row["name"] or "",
        row["test"],
        *_came_from(row),
    ]


CONVERSATIONS = Export(
    "conversations",
    (
        *("thread_id", "instagram_handle", "campaign_code", "stage", "qualified", "qualification_score"),
        *("messages", "created_at", "last_message_at", "qualified_at", "converted_at", "offer_shown"),
        *("objections", "fields", *_SOURCES),
    ),
    "conversations",
    _conversation,
)
PAYMENTS = Export(
    "payments",
    (
        *("id", "paid_at", "kind", "status", "amount", "refunded", "currency", "offer_id", "offer_name"),
        *("campaign_code", "thread_id", "instagram_handle", "email", "name", "test", *_SOURCES),
    ),
    "payments",
    _payment,
)
