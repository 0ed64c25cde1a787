"""What an owner does with campaigns."""

import secrets
from collections.abc import Mapping
from typing import Any

import psycopg

from api.campaigns import repository
from api.campaigns.schemas import (
    Campaign,
    CampaignChange,
    CampaignList,
    Created,
    NewCampaign,
    PublicCampaign,
    Status,
)
from api.campaigns.standing import refuse_unless_open, standing
from api.organizations.repository import hold_limits
from core.database import Claims, Database
from core.errors import CampaignNotFound, Conflict, Unavailable
from core.identifiers import new_id
from core.security.principal import Principal

UNAMBIGUOUS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""No I, O, 0 or 1: codes are read off posters."""
CODE_LENGTH = 6
_TRIES = 5


async def create(database: Database, principal: Principal, wanted: NewCampaign, base_url: str) -> Created:
    """A new campaign under the owner's word or a code that is free.

    Raises `core.errors.Conflict` when the word is taken, or the plan allows no further campaign.
    """
    for _ in range(_TRIES):
        code = wanted.code or "".join(secrets.choice(UNAMBIGUOUS) for _ in range(CODE_LENGTH))
        values = {
            **wanted.model_dump(),
            "id": new_id("camp"),
            "organization_id": principal.organization_id,
            "code": code,
        }
        try:
            async with database.transaction(_claims(principal)) as connection:
                await hold_limits(connection)
                row = await repository.insert(connection, values)
                await repository.refuse_if_too_many(connection)
        except psycopg.errors.UniqueViolation as fault:
            if wanted.code:
                raise Conflict(
                    f"The campaign code {code} already exists.", details={"campaign_code": code}
                ) from fault
            continue
        return Created(**links(base_url, row["code"]), **_pick(row, "id", "code", "name", "created_at"))
    raise Unavailable("No free campaign code was found; try again.")


async def read(database: Database, principal: Principal, code: str, base_url: str) -> Campaign:
    """One campaign; raises `core.errors.CampaignNotFound`."""
    async with database.transaction(_claims(principal)) as connection:
        row = await repository.by_code(connection, code)
    return _campaign(row, code, base_url)


async def page(
    database: Database, principal: Principal, status: Status, limit: int, offset: int, base_url: str
) -> CampaignList:
    """A page of the organization's campaigns."""
    async with database.transaction(_claims(principal)) as connection:
        rows, total = await repository.page(connection, status, limit, offset)
    found = [_campaign(row, row["code"], base_url) for row in rows]
    return CampaignList(campaigns=found, total=total, has_more=offset + len(found) < total)


async def change(
    database: Database, principal: Principal, code: str, wanted: CampaignChange, base_url: str
) -> Campaign:
    """Edit, pause or resume a campaign.

    Raises `core.errors.CampaignNotFound`, or `core.errors.Conflict` when it would be one open campaign more
    than the plan allows.
    """
    changes = wanted.model_dump(exclude_unset=True)
    for column in ("name", "description", "is_active"):
        if changes.get(column, ...) is None:
            del changes[column]
    for column in ("knowledge_categories", "knowledge_tags", "allowed_origins"):
        if column in changes:
            changes[column] = changes[column] or []
    async with database.transaction(_claims(principal)) as connection:
        if changes.keys() & {"is_active", "expires_at"}:
            await hold_limits(connection)
        row = before = await repository.by_code(connection, code)
        if before is not None and changes:
            row = await repository.update(connection, code, changes)
            if not _counts(before) and _counts(row):
                await repository.refuse_if_too_many(connection)
    return _campaign(row, code, base_url)


async def validity(database: Database, organization_id: str, code: str) -> PublicCampaign:
    """What a lead may know of a campaign that takes conversations; raises why it does not."""
    async with database.transaction(Claims.for_organization(organization_id)) as connection:
        row = await repository.by_code(connection, code)
    refuse_unless_open(row, code)
    assert row is not None  # noqa: S101 - refused above
    return PublicCampaign(**_pick(row, "code", "name", "expires_at", "is_active"))


def links(base_url: str, code: str) -> dict[str, str]:
    """Where leads and their cameras go."""
    return {"url": f"{base_url}/chat/{code}", "qr_code_url": f"{base_url}/api/campaigns/{code}/qr.png"}


def _claims(principal: Principal) -> Claims:
    return Claims.for_organization(principal.organization_id, principal.user_id)


def _pick(row: Mapping[str, Any], *columns: str) -> dict[str, Any]:
    return {column: row[column] for column in columns}


def _counts(row: Mapping[str, Any] | None) -> bool:
    """Whether a campaign is one of those that a plan limits."""
    return row is not None and standing(row) not in ("paused", "expired")


def _campaign(row: Mapping[str, Any] | None, code: str, base_url: str) -> Campaign:
    if row is None:
        raise CampaignNotFound(f"Campaign code {code} does not exist", details={"campaign_code": code})
    begun = row["total_conversations"]
    rate = round(row["total_conversions"] / begun, 3) if begun else 0.0
    columns = {name: row[name] for name in Campaign.model_fields if name in row}
    return Campaign(**columns, **links(base_url, row["code"]), conversion_rate=rate, status=standing(row))
