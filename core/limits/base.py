"""What a limit is, and who counts.

Limits are written as the `limits` package writes them: ``10/minute``, ``100 per 2 hours``; an empty
text turns a limit off.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Protocol

from limits import RateLimitItem, parse


@dataclass(frozen=True, slots=True)
class Limit:
    """So many requests in a window of so many seconds, for whoever ``key`` names."""

    key: str
    allowed: int
    window_s: int


@dataclass(frozen=True, slots=True)
class Standing:
    """How a limit stands after a request was counted."""

    limit: Limit
    hits: int
    resets_at: datetime

    @property
    def refused(self) -> bool:
        """Whether this request was one too many."""
        return self.hits > self.limit.allowed

    def headers(self) -> Mapping[str, str]:
        """The four headers of a limited answer."""
        return {
            "X-RateLimit-Limit": str(self.limit.allowed),
            "X-RateLimit-Remaining": str(max(0, self.limit.allowed - self.hits)),
            "X-RateLimit-Reset": str(int(self.resets_at.timestamp()) + 1),
            "X-RateLimit-Window": str(self.limit.window_s),
        }


class Counter(Protocol):
    """Where requests are counted. A window begins with its first request, and ends all at once."""

    async def count(self, limits: Sequence[Limit]) -> list[Standing]:
        """Count one request against each limit, in order, and stop after the first that is used up."""

    async def forget(self, counted: Limit) -> None:
        """Take back all that was counted against a limit."""

    async def figures(self) -> Mapping[str, Any] | None:
        """What the place it counts in says of itself; None where somebody else says it."""


@lru_cache(maxsize=64)
def _parsed(notation: str) -> RateLimitItem:
    return parse(notation)


def limit(name: str, whom: str, notation: str) -> Limit | None:
    """The limit ``name`` for ``whom``; None when it is turned off."""
    if not notation.strip():
        return None
    item = _parsed(notation)
    return Limit(f"{name}:{whom}", item.amount, item.get_expiry())
