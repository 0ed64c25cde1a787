"""The arithmetic behind the benchmark's tables."""

import pytest

from benchmarks.measures import Figures, Round, TurnTime, percentile


def round_of(*first_tokens_ms: float, cpu_s: float = 0.0) -> Round:
    turns = [TurnTime(10.0, 10.0 + ms / 1000, 10.0 + 2 * ms / 1000) for ms in first_tokens_ms]
    return Round(turns, elapsed_s=2.0, cpu_s=cpu_s)


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [
        ([5.0], 0.95, 5.0),
        (list(range(1, 101)), 0.95, 95),
        (list(range(1, 21)), 0.95, 19),
        ([3, 1, 2], 0.5, 2),
    ],
)
def test_percentile_is_a_value_that_was_measured(values: list[float], share: float, expected: float) -> None:
    assert percentile(values, share) == expected


def test_figures_are_medians_of_rounds() -> None:
    figures = Figures([round_of(1, 2, 3, cpu_s=0.03), round_of(100, 100), round_of(10, 20, 30, cpu_s=0.3)])
    assert figures.first_token == pytest.approx(20)
    assert figures.turn == pytest.approx(40)
    assert figures.first_token_p95 == pytest.approx(30)
    assert figures.turns_per_s == pytest.approx(1.5)
    assert figures.cpu_ms == pytest.approx(10)
