"""How often something may happen, counted in Postgres so that every process counts the same.

Limits are written as the `limits` package writes them: ``10/minute``, ``100 per 2 hours``; an empty
text turns a limit off.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from limits import RateLimitItem, parse

from core.clock import utc_now
from core.database import Claims, Database
from core.errors import RateLimited


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


@lru_cache(maxsize=64)
def _parsed(notation: str) -> RateLimitItem:
    return parse(notation)


def limit(name: str, whom: str, notation: str) -> Limit | None:
    """The limit ``name`` for ``whom``; None when it is turned off."""
    if not notation.strip():
        return None
    item = _parsed(notation)
    return Limit(f"{name}:{whom}", item.amount, item.get_expiry())


async def count(database: Database, limits: Sequence[Limit | None]) -> Mapping[str, str]:
    """Count one request against every limit, tightest first; returns the first one's headers.

    Raises `core.errors.RateLimited`, with the headers and ``Retry-After``, when one is used up.
    """
    active = [one for one in limits if one is not None]
    if not active:
        return {}
    standings = await _count(database, active)
    for standing in standings:
        if standing.refused:
            raise _refusal(standing)
    return standings[0].headers()


async def forget(database: Database, counted: Limit | None) -> None:
    """Take back all that was counted against a limit."""
    if counted is not None:
        await database.fetch(Claims.nobody(), "select app.uncount_requests(%s)", (counted.key,))


async def _count(database: Database, active: Sequence[Limit]) -> Sequence[Standing]:
    rows = await database.fetch(
        Claims.nobody(),
        "select * from app.count_request(%s, %s, %s)",
        ([one.key for one in active], [one.allowed for one in active], [one.window_s for one in active]),
    )
    return [Standing(one, row["hits"], row["resets_at"]) for one, row in zip(active, rows, strict=False)]


def _refusal(standing: Standing) -> RateLimited:
    wait = max(1, int((standing.resets_at - utc_now()).total_seconds()) + 1)
    return RateLimited(
        f"Too many requests; try again in {wait} seconds.",
        details={"limit": standing.limit.allowed, "window_seconds": standing.limit.window_s},
        headers={**standing.headers(), "Retry-After": str(wait)},
    )
