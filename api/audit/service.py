"""What admins read of the audit."""

from collections.abc import AsyncIterator, Mapping
from typing import Any, Literal

import orjson

from api.audit import repository
from api.audit.schemas import AuditEvent, AuditPage, Filters
from core.audit import record
from core.csv_text import csv_line
from core.database import Database
from core.security.principal import Principal

Format = Literal["csv", "json"]
MEDIA_TYPES: Mapping[Format, str] = {"csv": "text/csv; charset=utf-8", "json": "application/x-ndjson"}


async def page(
    database: Database, principal: Principal, filters: Filters, page: int, limit: int
) -> AuditPage:
    """A page of the organization's events."""
    wanted = filters.model_dump()
    async with database.transaction(principal.claims) as connection:
        rows, total = await repository.page(connection, wanted, limit, (page - 1) * limit)
    return AuditPage.of([AuditEvent(**row) for row in rows], total, page, limit)


async def export(
    database: Database, principal: Principal, filters: Filters, form: Format
) -> AsyncIterator[str]:
    """All of the organization's events, the oldest first, line by line; noted as an export."""
    wanted = filters.model_dump()
    async with database.transaction(principal.claims) as connection:
        await record(connection, "data_export", "audit", None, {"format": form})
    if form == "csv":
        yield csv_line(AuditEvent.model_fields)
    after = 0
    while rows := await _chunk(database, principal, wanted, after):
        events = [AuditEvent(**row).model_dump(mode="json") for row in rows]
        yield "".join(_line(event, form) for event in events)
        after = rows[-1]["seq"]


async def _chunk(
    database: Database, principal: Principal, wanted: Mapping[str, Any], after: int
) -> list[Any]:
    # A transaction for each: none is held open while a client reads slowly.
    async with database.transaction(principal.claims) as connection:
        return await repository.chunk(connection, wanted, after)


def _line(event: Mapping[str, Any], form: Format) -> str:
    return csv_line(event.values()) if form == "csv" else orjson.dumps(event).decode() + "\n"
