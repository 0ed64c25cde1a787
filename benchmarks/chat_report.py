"""The chat benchmark's tables."""

import os
import platform
from collections.abc import Sequence

from benchmarks.chat_systems import GRAPH, LEAN_GRAPH, OURS, RELAY, System
from benchmarks.measures import Figures
from benchmarks.tables import Table, ratio

COLUMNS = ("first token", "p95", "turn", "p95", "turns/s", "CPU ms/turn")
SHOWN_STATEMENTS = 12
BUSY = 10
"""Percent of the machine that others may use before the figures say more about them."""


def print_report(
    model: System, systems: Sequence[System], slow_conversations: int, *, pinned: bool, busy: float
) -> None:
    """Everything, ours first, each figure beside the floors'."""
    cores = "the server on one core, the rest on the others" if pinned else "server and client share one core"
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores: {cores}; times in ms")
    if busy > BUSY:
        print(f"Others used {busy:.0f} % of the machine: do not quote these figures.")
    print()
    everyone = [*systems, model]
    for level in model.levels:
        title = f"{level} conversation{'s' if level > 1 else ''} at once, the model does not wait"
        _print_load(title, [(system.name, system.levels[level]) for system in everyone])
    title = f"{slow_conversations} conversations at once, the model takes 300 ms and 20 ms a token"
    _print_load(title, [(system.name, system.slow) for system in everyone])
    _print_costs(systems)
    ours = next(system for system in systems if system.name == OURS)
    _print_statements(ours)
    _print_aims(ours, model, {system.name: system for system in systems})


def _print_load(title: str, figures: Sequence[tuple[str, Figures]]) -> None:
    table = Table(title, COLUMNS)
    for name, f in figures:
        table.row(
            name,
            f"{f.first_token:.1f}",
            f"{f.first_token_p95:.1f}",
            f"{f.turn:.1f}",
            f"{f.turn_p95:.1f}",
            f"{f.turns_per_s:.0f}",
            f"{f.cpu_ms:.2f}",
        )
    by_name = dict(figures)
    ours = by_name[OURS]
    for floor in (RELAY, GRAPH, LEAN_GRAPH):
        other = by_name[floor]
        table.row(
            f"  ours / {floor}",
            ratio(ours.first_token, other.first_token),
            ratio(ours.first_token_p95, other.first_token_p95),
            ratio(ours.turn, other.turn),
            ratio(ours.turn_p95, other.turn_p95),
            ratio(ours.turns_per_s, other.turns_per_s),
            ratio(ours.cpu_ms, other.cpu_ms),
        )
    table.print()


def _print_costs(systems: Sequence[System]) -> None:
    columns = ("MB per open stream", "SQL round trips", "… before first token", "model calls", "… before")
    table = Table("a turn besides its time", columns)
    for system in systems:
        cost = system.cost
        table.row(
            system.name,
            f"{cost.memory_mb_per_stream:.2f}",
            _optional(cost.round_trips),
            _optional(cost.round_trips_before_first_token),
            f"{cost.model_calls:.2f}",
            f"{cost.model_calls_before_first_token:g}",
        )
    table.print()


def _optional(figure: float | None) -> str:
    return "–" if figure is None else f"{figure:.1f}"


def _print_statements(ours: System) -> None:
    print(f"the statements of our turn, {sum(ours.cost.statements.values()):.1f} in all")
    for text, times in list(ours.cost.statements.items())[:SHOWN_STATEMENTS]:
        print(f"  {times:5.2f}  {text[:100]}")
    print()


def _print_aims(ours: System, model: System, systems: dict[str, System]) -> None:
    busiest = max(model.levels)
    load, graph = ours.levels[busiest], systems[GRAPH].levels[busiest]
    alone = ours.levels[1].first_token - model.levels[1].first_token
    crowd = ours.slow.first_token_p95 - model.slow.first_token_p95
    times = load.turns_per_s / graph.turns_per_s
    aims = (
        (f"turns/s at {busiest}", load.turns_per_s, 150, load.turns_per_s >= 150),
        (f"CPU ms a turn at {busiest}, at most", load.cpu_ms, 8, load.cpu_ms <= 8),
        ("ms from the model's first token to ours, alone, at most", alone, 10, alone <= 10),
        ("the same with many slow streams, p95, at most", crowd, 200, crowd <= 200),
        ("times the turns/s of the graph with ChatOpenAI", times, 3, times >= 3),
        (
            "model calls before the first token, exactly",
            ours.cost.model_calls_before_first_token,
            1,
            ours.cost.model_calls_before_first_token == 1,
        ),
    )
    table = Table("aims", ("measured", "aim", ""))
    for name, measured, aim, met in aims:
        table.row(name, f"{measured:.1f}", f"{aim:g}", "met" if met else "MISSED")
    table.print()
