"""What owners ask of their figures."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from psycopg import AsyncCursor
from psycopg.rows import DictRow

from agent.playbook.schema import Playbook
from api.analytics import repository, shaping
from api.analytics.repository import Scope
from api.analytics.schemas import (
    Alert,
    CampaignAnalytics,
    CampaignName,
    Conversion,
    Dashboard,
    LostQuestion,
    Span,
    Summary,
)
from api.campaigns import repository as campaigns
from api.playbooks.service import Playbooks
from core.database import Claims, Database
from core.database.pool import Connection
from core.errors import CampaignNotFound, InvalidInput

LONGEST_DAYS = 3 * 366
DASHBOARD_DAYS = 30
"""What the dashboard shows when nobody says how much."""


@dataclass(frozen=True, slots=True)
class Wish:
    """The days that are asked for; None leaves an end open.

    Without ``start``, so many ``days`` until the last one, or what is shown when nobody says.
    """

    start: date | None = None
    end: date | None = None
    days: int | None = None


@dataclass(frozen=True, slots=True)
class _Ground:
    """What is known before the figures are asked for."""

    scope: Scope
    clock: DictRow
    playbook: Playbook
    campaign: DictRow | None


class Analytics:
    """Reads the figures; nothing is counted here."""

    def __init__(self, database: Database, playbooks: Playbooks) -> None:
        self._database = database
        self._playbooks = playbooks

    async def campaign(self, claims: Claims, code: str, wish: Wish) -> CampaignAnalytics:
        """One campaign's figures; without a wish, those of its whole life."""
        ground = await self._ground(claims, code, wish, wish.days)
        async with self._database.pipeline(claims) as connection:
            asked = await _ask(connection, ground)
        campaign = ground.campaign
        assert campaign is not None  # noqa: S101 - a code was given
        return CampaignAnalytics(
            campaign=CampaignName(code=campaign["code"], name=campaign["name"]),
            **await _figures(ground, asked),
        )

    async def dashboard(self, claims: Claims, code: str | None, wish: Wish) -> Dashboard:
        """Today, and the figures of all campaigns or of one; without a wish, those of the last 30 days."""
        ground = await self._ground(claims, code, wish, wish.days or DASHBOARD_DAYS)
        today = replace(ground.scope, start=ground.clock["today"], end=ground.clock["today"])
        organization_id, campaign_id = ground.scope.organization_id, ground.scope.campaign_id
        async with self._database.pipeline(claims) as connection:
            asked = await _ask(connection, ground)
            standing = await repository.standing_today(connection, organization_id, ground.clock["midnight"])
            days = await repository.days(connection, today)
            money = await repository.money(connection, today)
            recent = await repository.recent_conversions(connection, organization_id, campaign_id)
            alerts = await repository.alerts(connection, organization_id)
        figures = await _figures(ground, asked)
        currency = figures["metrics"].currency
        return Dashboard(
            summary=_summary(
                (await standing.fetchall())[0], await days.fetchall(), await money.fetchall(), currency
            ),
            recent_conversions=[_conversion(row) for row in await recent.fetchall()],
            alerts=[Alert(**row) for row in await alerts.fetchall()],
            **figures,
        )

    async def _ground(
        self, claims: Claims, code: str | None, wish: Wish, default_days: int | None
    ) -> _Ground:
        async with self._database.transaction(claims) as connection:
            campaign = None if code is None else await campaigns.by_code(connection, code)
            if code is not None and campaign is None:
                raise CampaignNotFound(
                    f"Campaign code {code} does not exist", details={"campaign_code": code}
                )
            campaign_id = campaign["id"] if campaign else None
            clock = await repository.clock(connection)
            organization_id = clock["organization_id"]
            end = wish.end or clock["today"]
            start = wish.start
            if start is None and default_days is None:
                first = await repository.first_day(connection, organization_id, campaign_id)
                start = max(first or end, end - timedelta(days=LONGEST_DAYS - 1))
            start = start or end - timedelta(days=(default_days or 1) - 1)
            playbook = (await self._playbooks.current(connection, campaign_id)).playbook
        _refuse_odd(start, end)
        scope = Scope(organization_id, campaign_id, start, end)
        return _Ground(scope, clock, playbook, campaign)


def _refuse_odd(start: date, end: date) -> None:
    if end < start:
        raise InvalidInput("start_date lies behind end_date.")
    if (end - start).days >= LONGEST_DAYS:
        raise InvalidInput(f"At most {LONGEST_DAYS} days at once.")


async def _ask(connection: Connection, ground: _Ground) -> list[AsyncCursor[DictRow]]:
    scope = ground.scope
    return [
        await repository.days(connection, scope),
        await repository.marks(connection, scope),
        await repository.money(connection, scope),
        await repository.parts(connection, scope),
        await repository.unanswered(connection, scope, ground.clock["time_zone"]),
    ]


async def _figures(ground: _Ground, asked: list[AsyncCursor[DictRow]]) -> dict[str, Any]:
    days, mark_rows, money, parts, lost = [await cursor.fetchall() for cursor in asked]
    scope, playbook = ground.scope, ground.playbook
    marks = {row["key"]: row["n"] for row in mark_rows}
    currency = shaping.main_currency(money, playbook.offers[0].currency)
    metrics = shaping.metrics(days, marks, money, currency)
    return {
        "range": Span(start_date=scope.start, end_date=scope.end, time_zone=ground.clock["time_zone"]),
        "metrics": metrics,
        "timeline": shaping.timeline(days, money, currency, scope.start, scope.end),
        "funnel": shaping.funnel(metrics.total_clicks, metrics.total_conversations, marks, playbook),
        "breakdowns": shaping.breakdowns(parts, playbook, currency),
        "knowledge_gaps": [LostQuestion(**row) for row in lost],
    }


def _summary(standing: DictRow, days: list[DictRow], money: list[DictRow], currency: str) -> Summary:
    conversions = sum(row["conversions"] for row in days)
    revenue = sum(row["revenue"] - row["refunded"] for row in money if row["currency"] == currency)
    return Summary(
        total_campaigns=standing["campaigns"],
        active_conversations=standing["active"],
        total_qualified_today=sum(row["qualified"] for row in days),
        total_conversions_today=conversions,
        conversion_rate_today=shaping.rate(conversions, standing["active"]),
        revenue_today=shaping.major(revenue, currency),
        currency=currency,
    )


def _conversion(row: DictRow) -> Conversion:
    return Conversion(
        instagram_handle=f"@{row['handle']}" if row["handle"] else None,
        plan=row["offer_id"],
        offer_name=row["offer_name"],
        campaign_code=row["code"],
        amount=shaping.major(row["amount"], row["currency"]),
        currency=row["currency"],
        status=row["status"],
        test=row["test"],
        completed_at=row["paid_at"],
    )
