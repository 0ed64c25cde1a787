"""Counting, and what is said of it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextvars import ContextVar
from datetime import datetime
from time import monotonic
from typing import Any, Final, TypeVar

import structlog

from core.clock import utc_now
from core.errors import RateLimited, Unavailable
from core.limits.base import Counter, Limit, Standing

STANDING: ContextVar[dict[str, str] | None] = ContextVar("standing", default=None)
"""The four headers of the request at hand, filled when it is counted; None outside requests."""
AWAY_S: Final = 5.0
"""How long a counter that failed is left alone."""

Result = TypeVar("Result")

log = structlog.get_logger()


class Limits:
    """Counts requests with ``counter``; while that is away, with ``meanwhile``."""

    def __init__(self, counter: Counter, meanwhile: Counter | None = None) -> None:
        self._counter = counter
        self._meanwhile = meanwhile
        self._away_until = 0.0

    async def count(self, *limits: Limit | None, told: bool = True) -> None:
        """Count one request against every limit, tightest first; the first one's headers go into `STANDING`.

        With ``told`` off only a refusal's do. Raises `core.errors.RateLimited` with ``Retry-After`` when
        one is used up.
        """
        self._judge(await self._count([one for one in limits if one is not None]), told=told)

    async def left_to_count(self, *limits: Limit | None) -> list[Limit]:
        """What the caller is to count by ``app.count_request`` in a statement of its own, and to `judge`.

        That is all where Postgres counts, and nothing where Redis did; raises as `count`.
        """
        active = [one for one in limits if one is not None]
        if self._meanwhile is None:
            return active
        await self.count(*active)
        return []

    def judge(
        self, counted: Sequence[Limit], hits: Sequence[int] | None, resets_at: Sequence[datetime] | None
    ) -> None:
        """As `count`, of what the caller's statement has counted."""
        self._judge([Standing(*each) for each in zip(counted, hits or (), resets_at or (), strict=False)])

    def _judge(self, standings: Sequence[Standing], *, told: bool = True) -> None:
        if not standings:
            return
        decisive = standings[-1] if standings[-1].refused else standings[0]
        if (told or decisive.refused) and (kept := STANDING.get()) is not None:
            kept.update(decisive.headers())
        if decisive.refused:
            raise _refusal(decisive)

    async def allow(self, wanted: Limit | None) -> bool:
        """Count one request silently: whether it is within the limit."""
        return not any(standing.refused for standing in await self._count([wanted] if wanted else []))

    async def forget(self, counted: Limit | None) -> None:
        """Take back all that was counted against a limit."""
        if counted is not None:
            await self._ask(lambda counter: counter.forget(counted))

    async def figures(self) -> Mapping[str, Any] | None:
        """What the usual counter's place says of itself; raises `core.errors.Unavailable`."""
        return await self._counter.figures()

    async def _count(self, limits: Sequence[Limit]) -> list[Standing]:
        return await self._ask(lambda counter: counter.count(limits)) if limits else []

    async def _ask(self, work: Callable[[Counter], Awaitable[Result]]) -> Result:
        if self._meanwhile is None:
            return await work(self._counter)
        if monotonic() >= self._away_until:
            try:
                return await work(self._counter)
            except Unavailable as fault:
                self._away_until = monotonic() + AWAY_S
                log.warning("limits_counted_elsewhere", reason=fault.message, for_s=AWAY_S)
        return await work(self._meanwhile)


def _refusal(standing: Standing) -> RateLimited:
    wait = max(1, int((standing.resets_at - utc_now()).total_seconds()) + 1)
    return RateLimited(
        f"Too many requests; try again in {wait} seconds.",
        details={"limit": standing.limit.allowed, "window_seconds": standing.limit.window_s},
        headers={"Retry-After": str(wait)},
        first=standing.hits == standing.limit.allowed + 1,
    )
