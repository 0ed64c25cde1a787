"""Counted rows into figures: sums, rates, words."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

import orjson
from psycopg.rows import DictRow

from agent.playbook.prices import minor_digits
from agent.playbook.schema import Playbook
from api.analytics.schemas import (
    Breakdowns,
    Day,
    Funnel,
    Metrics,
    Money,
    ObjectionCount,
    ObjectionFigures,
    OfferFigures,
    QuestionFigures,
    SourceFigures,
    Step,
    Stop,
)

MOST_SOURCES = 50
_STEPS = ("qualified", "offer", "checkout", "opened", "converted")
_UNITS = ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second"))


def major(minor: int, currency: str) -> float:
    """An amount in the unit that people count in."""
    return float(minor / 10 ** minor_digits(currency))


def rate(part: int, whole: int) -> float:
    """A share of 0 to 1; 0 of nothing."""
    return round(min(1.0, part / whole), 3) if whole > 0 else 0.0


def duration(seconds: float) -> str:
    """``5 minutes``: one unit, as people say it."""
    for length, name in _UNITS:
        if seconds >= length * (1 if length == 1 else 0.95):
            n = max(1, round(seconds / length))
            return f"{n} {name}" if n == 1 else f"{n} {name}s"
    return "0 seconds"


def main_currency(money: Iterable[DictRow], otherwise: str) -> str:
    """The currency with the most payments."""
    counted: dict[str, int] = defaultdict(int)
    for row in money:
        counted[row["currency"]] += row["payments"]
    return max(sorted(counted), key=lambda currency: counted[currency], default=otherwise)


def earned(money: Iterable[DictRow]) -> list[Money]:
    """The sums of each currency."""
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for row in money:
        total = sums[row["currency"]]
        total[0] += row["revenue"]
        total[1] += row["refunded"]
        total[2] += row["payments"]
    return [
        Money(currency=c, revenue=major(r - back, c), refunded=major(back, c), payments=n)
        for c, (r, back, n) in sorted(sums.items())
    ]


def metrics(
    days: Sequence[DictRow], marks: Mapping[str, int], money: Sequence[DictRow], currency: str
) -> Metrics:
    """The sums of the days."""
    total = {
        name: sum(row[name] for row in days)
        for name in ("clicks", "conversations", "messages", "qualified", "qualification_s", "conversions")
    }
    taken = total["qualification_s"] / total["qualified"] if total["qualified"] > 0 else None
    by_currency = earned(money)
    own = next((one for one in by_currency if one.currency == currency), None)
    begun = total["conversations"]
    return Metrics(
        total_clicks=total["clicks"],
        total_conversations=begun,
        total_qualified=total["qualified"],
        total_conversions=total["conversions"],
        click_rate=rate(begun, total["clicks"]),
        qualification_rate=rate(total["qualified"], begun),
        conversion_rate=rate(total["conversions"], begun),
        avg_messages_per_conversation=round(total["messages"] / begun, 1) if begun else 0.0,
        avg_time_to_qualification=None if taken is None else duration(taken),
        avg_seconds_to_qualification=None if taken is None else round(taken, 1),
        top_objections=_objections_met(marks),
        revenue=own.revenue if own else 0.0,
        refunded=own.refunded if own else 0.0,
        currency=currency,
        money=by_currency,
    )


def _objections_met(marks: Mapping[str, int]) -> list[ObjectionCount]:
    met = [
        ObjectionCount(type=key[2:], count=n, answered=marks.get(f"oa:{key[2:]}", 0))
        for key, n in marks.items()
        if key.startswith("o:")
    ]
    return sorted(met, key=lambda one: (-one.count, one.type))


def timeline(
    days: Sequence[DictRow], money: Sequence[DictRow], currency: str, start: date, end: date
) -> list[Day]:
    """Every day of the span, those without anything too."""
    counted = {row["day"]: row for row in days}
    revenue = {row["day"]: row["revenue"] - row["refunded"] for row in money if row["currency"] == currency}
    found = []
    for offset in range((end - start).days + 1):
        day = start + timedelta(days=offset)
        row = counted.get(day, {})
        found.append(
            Day(
                date=day,
                clicks=row.get("clicks", 0),
                conversations=row.get("conversations", 0),
                qualified=row.get("qualified", 0),
                conversions=row.get("conversions", 0),
                revenue=major(revenue.get(day, 0), currency),
            )
        )
    return found


def funnel(clicks: int, begun: int, marks: Mapping[str, int], playbook: Playbook) -> Funnel:
    """How far conversations came: the playbook's questions in their order, then what older ones asked."""
    counts = [("clicks", clicks), ("conversations", begun)]
    counts += [(name, marks.get(f"r:{name}", 0)) for name in _STEPS]
    before = [counts[0][1], *(n for _, n in counts)]
    steps = [
        Step(step=name, count=n, share=rate(n, earlier))
        for (name, n), earlier in zip(counts, before, strict=False)
    ]
    stops = _stops(marks, playbook)
    asked = [q.field for q in playbook.questions]
    older = sorted({key[2:] for key in marks if key.startswith("a:")} - set(asked))
    questions = [
        QuestionFigures(
            field=field,
            question=_question(playbook, field),
            answered=marks.get(f"a:{field}", 0),
            stopped=sum(stop.count for stop in stops if stop.field == field),
        )
        for field in [*asked, *older]
    ]
    return Funnel(steps=steps, questions=questions, stops=stops)


def _stops(marks: Mapping[str, int], playbook: Playbook) -> list[Stop]:
    standing = [(key[2:].partition("/"), n) for key, n in marks.items() if key.startswith("s:")]
    lost = [((stage, field or None), n) for (stage, _, field), n in standing if stage != "converted"]
    all_of_them = sum(n for _, n in standing)
    stops = [
        Stop(
            stage=stage, field=field, question=_question(playbook, field), count=n, share=rate(n, all_of_them)
        )
        for (stage, field), n in lost
    ]
    return sorted(stops, key=lambda stop: (-stop.count, stop.stage, stop.field or ""))


def _question(playbook: Playbook, field: str | None) -> str | None:
    question = playbook.question_for(field) if field else None
    return question.question if question else None


def breakdowns(parts: Sequence[DictRow], playbook: Playbook, currency: str) -> Breakdowns:
    """By offer, by doubt and by source."""
    return Breakdowns(
        offers=sorted(
            (_offer(row, playbook) for row in parts if row["dimension"] == "offer"),
            key=lambda one: (-one.payments, one.offer_id, one.currency),
        ),
        objections=sorted(
            (_objection(row) for row in parts if row["dimension"] == "objection"),
            key=lambda one: (-one.payments, one.type, one.answered is False, one.currency),
        ),
        sources=_sources([row for row in parts if row["dimension"] == "source"], currency),
    )


def _money(row: DictRow) -> dict[str, object]:
    currency = row["currency"]
    return {
        "conversions": row["conversions"],
        "payments": row["payments"],
        "revenue": major(row["revenue"] - row["refunded"], currency),
        "refunded": major(row["refunded"], currency),
        "currency": currency,
    }


def _offer(row: DictRow, playbook: Playbook) -> OfferFigures:
    offer = playbook.offer(row["key"])
    return OfferFigures.model_validate(
        {"offer_id": row["key"], "name": offer.name if offer else None, **_money(row)}
    )


def _objection(row: DictRow) -> ObjectionFigures:
    kind, _, state = row["key"].partition("/")
    answered = None if kind == "none" else state == "answered"
    return ObjectionFigures.model_validate({"type": kind, "answered": answered, **_money(row)})


def _sources(rows: Sequence[DictRow], currency: str) -> list[SourceFigures]:
    """Clicks and conversations have no currency; the money of each source is shown in the main one."""
    merged: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for row in rows:
        total = merged[row["key"]]
        for name in ("clicks", "conversations", "qualified", "conversions"):
            total[name] += row[name]
        if row["currency"] == currency:
            total["revenue"] += row["revenue"] - row["refunded"]
            total["refunded"] += row["refunded"]
    found = [_source(key, total, currency) for key, total in merged.items()]
    found.sort(key=lambda one: (-one.revenue, -one.conversations, -one.clicks))
    return found[:MOST_SOURCES]


def _source(key: str, total: Mapping[str, int], currency: str) -> SourceFigures:
    named = orjson.loads(key)
    return SourceFigures(
        **{name: named.get(name) for name in ("source", "medium", "campaign", "content", "ref", "network")},
        clicks=total["clicks"],
        conversations=total["conversations"],
        qualified=total["qualified"],
        conversions=total["conversions"],
        revenue=major(total["revenue"], currency),
        refunded=major(total["refunded"], currency),
        currency=currency,
    )
