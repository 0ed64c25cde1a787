"""Figures as words and bars, the same for the terminal and the page."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Literal

from agent.playbook.prices import amount_text, minor_digits
from api.analytics.schemas import (
    CampaignAnalytics,
    Day,
    ObjectionFigures,
    OfferFigures,
    SourceFigures,
    Stop,
)

_STEPS = {
    "clicks": "Opened the link",
    "conversations": "Started to talk",
    "qualified": "Qualified",
    "offer": "Heard an offer",
    "checkout": "Got a link to pay",
    "opened": "Opened the checkout",
    "converted": "Paid",
}
_STAGES = {
    "qualification": "Getting to know",
    "objection_handling": "Has doubts",
    "closing": "Ready to buy",
    "disqualified": "Not a fit",
}
_DOUBTS = {"authority": "Has to ask someone", "other": "Something else", "none": "No doubt"}
_NETWORKS = {
    "meta": "Meta",
    "google": "Google",
    "tiktok": "TikTok",
    "microsoft": "Microsoft",
    "x": "X",
    "linkedin": "LinkedIn",
}
_MOST = 10
_DAYS_APIECE, _WEEKS_APIECE = 45, 200
"""Up to so many days each has a line of its own, then each week, then each month."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A line with a bar: ``value`` is its length, ``written`` how it is told."""

    label: str
    value: float
    written: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """Bars under a title, the longest first or in their order."""

    title: str
    bars: Sequence[Bar]


@dataclass(frozen=True, slots=True)
class Period:
    """A day, a week or a month."""

    label: str
    clicks: int
    conversations: int
    conversions: int
    revenue: str


def sections(figures: CampaignAnalytics) -> list[Section]:
    """The funnel, and then whatever there is."""
    metrics, found = figures.metrics, figures.breakdowns
    doubts = (
        Bar(_doubt(one.type), one.count, f"{one.count:,}", f"{one.answered:,} answered")
        for one in metrics.top_objections
    )
    gaps = (Bar(f"“{one.question}”", one.count, f"{one.count:,}") for one in figures.knowledge_gaps)
    named = (
        ("How far leads come", _funnel(figures)),
        ("Where leads stop", map(_stop, figures.funnel.stops)),
        ("What makes them hesitate", doubts),
        ("Earned by source", map(_source, found.sources)),
        ("Earned by offer", map(_offer, found.offers)),
        ("Earned where a doubt was met", map(_earned, found.objections)),
        ("Asked in vain before leads were lost", gaps),
    )
    listed = [Section(title, tuple(bars)[:_MOST]) for title, bars in named]
    return [section for section in listed if section.bars]


def facts(figures: CampaignAnalytics) -> list[tuple[str, str]]:
    """What is told in a word each."""
    metrics = figures.metrics
    earned = [(one.currency, one.revenue, one.refunded) for one in metrics.money]
    told = [("Revenue", money(revenue, currency)) for currency, revenue, _ in earned or [_nothing(figures)]]
    told += [("Went back", money(refunded, currency)) for currency, _, refunded in earned if refunded]
    return [
        *told,
        ("Of those who talk, qualify", f"{metrics.qualification_rate:.1%}"),
        ("Of those who talk, pay", f"{metrics.conversion_rate:.1%}"),
        ("Messages each", f"{metrics.avg_messages_per_conversation:g}"),
        ("Time to qualify", metrics.avg_time_to_qualification or "not yet known"),
    ]


def pace(figures: CampaignAnalytics) -> Literal["Day", "Week", "Month"]:
    """Of what the timeline has a line each."""
    days = len(figures.timeline)
    return "Day" if days <= _DAYS_APIECE else "Week" if days <= _WEEKS_APIECE else "Month"


def periods(figures: CampaignAnalytics) -> list[Period]:
    """The timeline in as many lines as one reads."""
    label = _LABELS[pace(figures)]
    currency = figures.metrics.currency
    return [_period(name, list(days), currency) for name, days in groupby(figures.timeline, label)]


def span(figures: CampaignAnalytics) -> str:
    """The days that the figures are of."""
    days = figures.range
    return f"{days.start_date:%-d %b %Y} to {days.end_date:%-d %b %Y}, {days.time_zone}"


def money(amount: float, currency: str) -> str:
    """An amount in major units as people write it."""
    minor = round(abs(amount) * 10 ** minor_digits(currency))
    return ("−" if amount < 0 else "") + amount_text(minor, currency)


def _nothing(figures: CampaignAnalytics) -> tuple[str, float, float]:
    return figures.metrics.currency, 0.0, 0.0


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


_LABELS: Mapping[str, Callable[[Day], str]] = {
    "Day": lambda day: f"{day.date:%a %-d %b}",
    "Week": lambda day: f"from {_monday(day.date):%-d %b}",
    "Month": lambda day: f"{day.date:%b %Y}",
}


def _period(label: str, days: Sequence[Day], currency: str) -> Period:
    return Period(
        label,
        sum(day.clicks for day in days),
        sum(day.conversations for day in days),
        sum(day.conversions for day in days),
        money(sum(day.revenue for day in days), currency),
    )


def _funnel(figures: CampaignAnalytics) -> Iterable[Bar]:
    for index, step in enumerate(figures.funnel.steps):
        note = f"{step.share:.1%} of them" if index else ""
        yield Bar(_STEPS.get(step.step, step.step), step.count, f"{step.count:,}", note)


def _stop(stop: Stop) -> Bar:
    stage = _STAGES.get(stop.stage, _title(stop.stage))
    note = f"{stop.share:.1%} of all"
    if stop.field is None:
        return Bar(stage, stop.count, f"{stop.count:,}", note)
    return Bar(stop.question or _title(stop.field), stop.count, f"{stop.count:,}", f"{note}, {stage}")


def _source(one: SourceFigures) -> Bar:
    told = [
        one.source or one.ref,
        one.medium,
        one.campaign,
        one.content,
        one.network and f"{one.network} ads",
    ]
    note = f"{one.clicks:,} clicks, {one.conversations:,} talked, {one.conversions:,} paid"
    name = " · ".join(part for part in told if part) or "Direct"
    return Bar(name, max(0.0, one.revenue), money(one.revenue, one.currency), note)


def _offer(one: OfferFigures) -> Bar:
    return _sold(one.name or _title(one.offer_id), one, "sold")


def _earned(one: ObjectionFigures) -> Bar:
    state = "" if one.answered is None else ", answered" if one.answered else ", left open"
    return _sold(_doubt(one.type) + state, one, "paid")


def _sold(label: str, one: OfferFigures | ObjectionFigures, verb: str) -> Bar:
    back = f", {money(one.refunded, one.currency)} went back" if one.refunded else ""
    return Bar(
        label, max(0.0, one.revenue), money(one.revenue, one.currency), f"{one.payments:,} {verb}{back}"
    )


def _doubt(kind: str) -> str:
    return _DOUBTS.get(kind, _title(kind))


def _title(name: str) -> str:
    return name.replace("_", " ").capitalize()
