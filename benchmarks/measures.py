"""Times of turns, and what is said about them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import ceil
from statistics import median


@dataclass(frozen=True, slots=True)
class TurnTime:
    """One turn, in seconds of the monotonic clock."""

    started: float
    first: float
    """When the first token was seen."""
    ended: float


@dataclass(frozen=True, slots=True)
class Round:
    """One system under one load, once."""

    turns: Sequence[TurnTime]
    elapsed_s: float
    cpu_s: float
    """What the server's processes used meanwhile."""


@dataclass(slots=True)
class Figures:
    """One system under one load: medians over its rounds. Times in milliseconds."""

    rounds: list[Round] = field(default_factory=list)

    @property
    def first_token(self) -> float:
        """Median time to the first token."""
        return self._over_rounds(lambda r: median(_first_ms(r)))

    @property
    def first_token_p95(self) -> float:
        """95th percentile of the time to the first token."""
        return self._over_rounds(lambda r: percentile(_first_ms(r), 0.95))

    @property
    def turn(self) -> float:
        """Median time of a whole turn."""
        return self._over_rounds(lambda r: median(_turn_ms(r)))

    @property
    def turn_p95(self) -> float:
        """95th percentile of the time of a whole turn."""
        return self._over_rounds(lambda r: percentile(_turn_ms(r), 0.95))

    @property
    def turns_per_s(self) -> float:
        """Throughput."""
        return self._over_rounds(lambda r: len(r.turns) / r.elapsed_s)

    @property
    def cpu_ms(self) -> float:
        """The server's CPU time for one turn."""
        return self._over_rounds(lambda r: r.cpu_s * 1000 / len(r.turns))

    def _over_rounds(self, figure: Callable[[Round], float]) -> float:
        return median(figure(r) for r in self.rounds)


def percentile(values: Sequence[float], share: float) -> float:
    """The nearest-rank percentile; ``share`` is between 0 and 1."""
    return sorted(values)[max(0, ceil(share * len(values)) - 1)]


def _first_ms(r: Round) -> list[float]:
    return [(turn.first - turn.started) * 1000 for turn in r.turns]


def _turn_ms(r: Round) -> list[float]:
    return [(turn.ended - turn.started) * 1000 for turn in r.turns]
