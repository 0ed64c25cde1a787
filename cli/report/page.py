"""The report as one page: its styles and charts are in it, and it asks for nothing."""

from collections.abc import Sequence
from datetime import datetime
from html import escape
from pathlib import Path
from string import Template

from api.analytics.schemas import CampaignAnalytics
from cli.report.sections import Bar, Period, Section, facts, pace, periods, sections, span

_PAGE = Template(Path(__file__).with_name("page.html").read_text(encoding="utf-8"))
_WIDTH, _HEIGHT, _FLOOR, _LEFT = 720, 240, 206, 44
_SERIES = (("clicks", "Clicks"), ("conversations", "Conversations"), ("conversions", "Paid"))


def page_of(figures: CampaignAnalytics, at: datetime) -> str:
    """The page; every text in it is escaped."""
    funnel, *others = sections(figures)
    return _PAGE.substitute(
        name=escape(figures.campaign.name),
        code=escape(figures.campaign.code),
        span=escape(span(figures)),
        made=f"{at:%Y-%m-%d %H:%M} UTC",
        facts="".join(
            f"<div><dt>{escape(term)}</dt><dd>{escape(value)}</dd></div>" for term, value in facts(figures)
        ),
        funnel=_section(funnel),
        pace=f"{pace(figures)} by {pace(figures).lower()}",
        timeline=_timeline(periods(figures)),
        sections="".join(map(_section, others)),
    )


def _section(section: Section) -> str:
    most = max(bar.value for bar in section.bars) or 1
    lines = "".join(_bar(bar, most) for bar in section.bars)
    return f"<section><h2>{escape(section.title)}</h2><ul>{lines}</ul></section>"


def _bar(bar: Bar, most: float) -> str:
    return (
        f"<li><span>{escape(bar.label)}</span><strong>{escape(bar.written)}</strong>"
        '<svg class="bar" viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect width="{100 * bar.value / most:.2f}" height="1"/></svg>'
        f"<small>{escape(bar.note)}</small></li>"
    )


def _timeline(days: Sequence[Period]) -> str:
    most = max(4, *(getattr(day, key) for day in days for key, _ in _SERIES))
    ticks = "".join(
        f'<line x1="{_LEFT}" x2="{_WIDTH}" y1="{_y(n, most):.1f}" y2="{_y(n, most):.1f}"/>'
        f'<text x="{_LEFT - 8}" y="{_y(n, most) + 4:.1f}" text-anchor="end">{n:,}</text>'
        for n in (0, round(most / 2), most)
    )
    lines = "".join(
        f'<polyline class="line-{n}" points="{_points([getattr(day, key) for day in days], most)}"/>'
        for n, (key, _) in enumerate(_SERIES)
    )
    ends = (
        f'<text x="{_LEFT}" y="{_HEIGHT - 8}">{escape(days[0].label)}</text>'
        f'<text x="{_WIDTH}" y="{_HEIGHT - 8}" text-anchor="end">{escape(days[-1].label)}</text>'
    )
    keys = "".join(f'<span><i class="line-{n}"></i>{label}</span>' for n, (_, label) in enumerate(_SERIES))
    return (
        f'<svg class="chart" viewBox="0 0 {_WIDTH} {_HEIGHT}" aria-hidden="true">{ticks}{lines}{ends}</svg>'
        f'<p class="keys">{keys}</p>{_table(days)}'
    )


def _points(values: Sequence[int], most: int) -> str:
    """Two points for a single value, so that there is a line."""
    shown = values if len(values) > 1 else [*values, *values]
    step = (_WIDTH - _LEFT) / (len(shown) - 1)
    return " ".join(f"{_LEFT + n * step:.1f},{_y(value, most):.1f}" for n, value in enumerate(shown))


def _y(value: int, most: int) -> float:
    return _FLOOR - (_FLOOR - 12) * value / most


def _table(days: Sequence[Period]) -> str:
    rows = "".join(
        f'<tr><th scope="row">{escape(day.label)}</th><td>{day.clicks:,}</td><td>{day.conversations:,}</td>'
        f"<td>{day.conversions:,}</td><td>{escape(day.revenue)}</td></tr>"
        for day in days
    )
    heads = "".join(
        f'<th scope="col">{name}</th>' for name in ("", *(label for _, label in _SERIES), "Revenue")
    )
    return (
        "<details><summary>In figures</summary><table>"
        f"<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></details>"
    )
