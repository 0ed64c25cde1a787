"""The report in a terminal."""

from rich.bar import Bar as Drawn
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from api.analytics.schemas import CampaignAnalytics
from cli.report.sections import Period, Section, facts, pace, periods, sections, span

_FULL = 28
"""Columns of the longest bar."""


def draw(figures: CampaignAnalytics) -> None:
    """Print it."""
    console = Console(highlight=False)
    campaign = figures.campaign
    console.print(
        f"\n[bold]{escape(campaign.name)}[/bold]  {escape(campaign.code)}  [dim]{span(figures)}[/dim]\n"
    )
    for term, value in facts(figures):
        console.print(f"  {term:<28}{value}")
    funnel, *others = sections(figures)
    console.print(_bars(funnel))
    console.print(_timeline(f"{pace(figures)} by {pace(figures).lower()}", periods(figures)))
    for section in others:
        console.print(_bars(section))


def _bars(section: Section) -> Table:
    table = _table(section.title)
    table.add_column(max_width=44, overflow="fold")
    table.add_column(width=_FULL)
    table.add_column(justify="right")
    table.add_column(style="dim")
    most = max(bar.value for bar in section.bars) or 1
    for bar in section.bars:
        drawn = Drawn(most, 0, bar.value, width=_FULL, color="green")
        table.add_row(escape(bar.label), drawn, bar.written, bar.note)
    return table


def _timeline(title: str, days: list[Period]) -> Table:
    table = _table(title)
    table.show_header = True
    table.add_column()
    table.add_column("conversations", width=_FULL, header_style="dim")
    for name in ("", "clicks", "paid", "revenue"):
        table.add_column(name, justify="right", header_style="dim")
    most = max((day.conversations for day in days), default=0) or 1
    for day in days:
        drawn = Drawn(most, 0, day.conversations, width=_FULL, color="cyan")
        figures = (day.conversations, day.clicks, day.conversions)
        table.add_row(day.label, drawn, *(f"{n:,}" for n in figures), day.revenue)
    return table


def _table(title: str) -> Table:
    return Table(
        title=f"\n{title}",
        title_justify="left",
        title_style="bold",
        box=None,
        show_header=False,
        pad_edge=True,
    )
