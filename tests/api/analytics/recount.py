"""The figures, counted by hand from the raw rows."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from psycopg.rows import DictRow

from core.database import Claims, Database

Figures = dict[Any, Any]
_NETWORKS = {"fbclid": "meta", "gclid": "google", "ttclid": "tiktok"}


async def recounted(database: Database, organization_id: str) -> tuple[Figures, Figures, Figures]:
    """By day, by part and in all, of an organization's only campaign."""
    claims = Claims.for_organization(organization_id)
    zone = ZoneInfo((await database.fetch(claims, "select time_zone from organizations"))[0]["time_zone"])
    visits = await database.fetch(claims, "select * from visits")
    conversations = await database.fetch(
        claims,
        "select c.*, (select count(*) from messages m where m.conversation_id = c.id) as said"
        " from conversations c",
    )
    payments = {row["id"]: row for row in await database.fetch(claims, "select * from payments")}
    adjustments = await database.fetch(claims, "select * from payment_adjustments where counted")

    def day(moment: datetime) -> date:
        return moment.astimezone(zone).date()

    days: dict[date, Counter[str]] = defaultdict(Counter)
    parts: dict[tuple[date, str, str, str], Counter[str]] = defaultdict(Counter)
    for visit in visits:
        days[day(visit["created_at"])]["clicks"] += 1
        parts[day(visit["created_at"]), "source", _source(visit["parameters"]), ""]["clicks"] += 1
    for c in conversations:
        begun = days[day(c["created_at"])]
        begun["conversations"] += 1
        begun["messages"] += c["said"]
        begun.update(_marks(c))
        parts[day(c["created_at"]), "source", _source(c["source"]), ""]["conversations"] += 1
        if c["qualified_at"] is not None:
            days[day(c["qualified_at"])]["qualified"] += 1
            took = (c["qualified_at"] - c["created_at"]).total_seconds()
            days[day(c["qualified_at"])]["qualification_s"] += round(took)
            parts[day(c["qualified_at"]), "source", _source(c["source"]), ""]["qualified"] += 1
    for payment in payments.values():
        days[day(payment["paid_at"])]["conversions"] += payment["converts"]
        for dimension, key in _parts_of(payment):
            part = parts[day(payment["paid_at"]), dimension, key, payment["currency"]]
            part["conversions"] += payment["converts"]
            part["payments"] += 1
            part["revenue"] += payment["amount"]
    for adjustment in adjustments:
        payment = payments[adjustment["payment_id"]]
        for dimension, key in _parts_of(payment):
            part = parts[day(adjustment["occurred_at"]), dimension, key, payment["currency"]]
            part["refunded"] += adjustment["amount"]
    totals = {
        "total_clicks": len(visits),
        "total_conversations": len(conversations),
        "total_qualified": sum(c["qualified_at"] is not None for c in conversations),
        "total_conversions": sum(p["converts"] for p in payments.values()),
    }
    return _clean(days), _clean(parts), totals


async def kept(database: Database, organization_id: str) -> tuple[Figures, Figures, Figures]:
    """The same as the database has kept it."""
    claims = Claims.for_organization(organization_id)
    days: dict[date, Counter[str]] = defaultdict(Counter)
    for row in await database.fetch(claims, "select * from campaign_days"):
        counted = days[row["day"]]
        for name in ("clicks", "conversations", "messages", "qualified", "qualification_s", "conversions"):
            counted[name] += row[name]
        for mark, n in row["marks"].items():
            counted[mark] += n
    parts: dict[tuple[date, str, str, str], Counter[str]] = defaultdict(Counter)
    for row in await database.fetch(claims, "select * from campaign_parts"):
        key = row["key"]
        if row["dimension"] == "source":
            key = orjson.dumps(orjson.loads(key), option=orjson.OPT_SORT_KEYS).decode()
        counted = parts[row["day"], row["dimension"], key, row["currency"]]
        for name in (
            "clicks",
            "conversations",
            "qualified",
            "conversions",
            "payments",
            "revenue",
            "refunded",
        ):
            counted[name] += row[name]
    totals = await database.fetch(
        claims,
        "select coalesce(sum(clicks), 0)::int as total_clicks,"
        " coalesce(sum(conversations), 0)::int as total_conversations,"
        " coalesce(sum(qualified), 0)::int as total_qualified,"
        " coalesce(sum(conversions), 0)::int as total_conversions from campaign_totals",
    )
    return _clean(days), _clean(parts), totals[0]


def _clean(counted: Mapping[Any, Counter[str]]) -> Figures:
    found = {key: {name: n for name, n in one.items() if n} for key, one in counted.items()}
    return {key: one for key, one in found.items() if one}


def _marks(c: DictRow) -> Iterable[str]:
    yield f"s:{c['stage']}" + (f"/{c['open_field']}" if c["open_field"] else "")
    yield from (f"a:{field}" for field in c["fields"])
    reached = {
        "qualified": c["qualified_at"],
        "offer": c["offer_shown"],
        "checkout": c["checkout_at"],
        "opened": c["checkout_opened_at"],
        "converted": c["converted_at"],
    }
    yield from (f"r:{name}" for name, value in reached.items() if value is not None)
    for kind in {met["type"] for met in c["objections"]}:
        yield f"o:{kind}"
        if all(met["answered"] for met in c["objections"] if met["type"] == kind):
            yield f"oa:{kind}"


def _parts_of(payment: DictRow) -> Iterable[tuple[str, str]]:
    yield "total", ""
    yield "offer", payment["offer_id"]
    yield "source", _source(payment["source"])
    for kind, answered in payment["objections"].items():
        yield "objection", f"{kind}/{'answered' if answered else 'open'}"
    if not payment["objections"]:
        yield "objection", "none"


def _source(parameters: Mapping[str, str]) -> str:
    named = {
        name.removeprefix("utm_"): parameters[name]
        for name in ("utm_source", "utm_medium", "utm_campaign", "utm_content", "ref")
        if name in parameters
    }
    network = next((network for click, network in _NETWORKS.items() if click in parameters), None)
    if network:
        named["network"] = network
    return orjson.dumps(named, option=orjson.OPT_SORT_KEYS).decode()
