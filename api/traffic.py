"""What this process served lately."""

from collections import deque
from dataclasses import dataclass, field
from time import monotonic

_WINDOW_S = 60.0
_MOST = 20_000


@dataclass(frozen=True, slots=True)
class Served:
    """Figures of the last minute."""

    requests_per_minute: float
    average_ms: float
    error_rate: float
    active: int


@dataclass(slots=True)
class Traffic:
    """Counts requests as they begin and end; forgets them after a minute."""

    active: int = 0
    _ended: deque[tuple[float, float, bool]] = field(default_factory=lambda: deque(maxlen=_MOST))

    def begin(self) -> float:
        """A request begins; returns what `end` wants."""
        self.active += 1
        return monotonic()

    def end(self, began: float, *, failed: bool) -> None:
        """It ended; ``failed`` when the fault was ours."""
        self.active -= 1
        now = monotonic()
        self._ended.append((now, now - began, failed))

    def snapshot(self) -> Served:
        """The last minute's figures."""
        since = monotonic() - _WINDOW_S
        while self._ended and self._ended[0][0] < since:
            self._ended.popleft()
        n = len(self._ended)
        return Served(
            requests_per_minute=float(n),
            average_ms=round(sum(took for _, took, _ in self._ended) * 1000 / n, 1) if n else 0.0,
            error_rate=round(sum(failed for _, _, failed in self._ended) / n, 4) if n else 0.0,
            active=self.active,
        )
