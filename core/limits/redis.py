"""Counting in Redis, for installations that have one. Imports the ``redis`` package: see `open_limits`."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final, cast

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from core.clock import utc_now
from core.errors import Unavailable
from core.limits.base import Limit, Standing

TIMEOUT_S: Final = 0.5
"""Longer than that nobody waits to be counted."""
PREFIX: Final = "limitless:limit:"
_COUNT: Final = """
local standings = {}
for i, key in ipairs(KEYS) do
    local allowed, window = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i]) * 1000
    local hits = redis.call('incr', key)
    local left = redis.call('pttl', key)
    if left < 0 then
        redis.call('pexpire', key, window)
        left = window
    end
    standings[2 * i - 1], standings[2 * i] = hits, left
    if hits > allowed then break end
end
return standings
"""
"""The hits and the milliseconds left of each limit, up to the first that is used up."""


class RedisCounter:
    """Counts in one Redis (no cluster). Raises `core.errors.Unavailable` while it is away."""

    def __init__(self, url: str) -> None:
        self._redis = Redis.from_url(
            url,
            socket_timeout=TIMEOUT_S,
            socket_connect_timeout=TIMEOUT_S,
            # Once more, for a connection that was closed while it was idle.
            retry=Retry(NoBackoff(), 1),
            health_check_interval=30,
        )
        self._script = self._redis.register_script(_COUNT)

    async def count(self, limits: Sequence[Limit]) -> list[Standing]:
        """Count one request against each limit, in order, and stop after the first that is used up."""
        keys = [PREFIX + one.key for one in limits]
        figures = [figure for one in limits for figure in (one.allowed, one.window_s)]
        found = cast("list[int]", await _answered(self._script(keys=keys, args=figures)))
        now = utc_now()
        return [
            Standing(one, hits, now + timedelta(milliseconds=left))
            for one, hits, left in zip(limits, found[::2], found[1::2], strict=False)
        ]

    async def forget(self, counted: Limit) -> None:
        """Take back all that was counted against a limit."""
        await _answered(self._redis.delete(PREFIX + counted.key))

    async def figures(self) -> dict[str, Any]:
        """``memory_usage``, for people, and ``connected_clients``."""
        told = await _answered(self._redis.info())
        return {"memory_usage": told["used_memory_human"], "connected_clients": told["connected_clients"]}

    async def close(self) -> None:
        """Let its connections go."""
        await self._redis.aclose()


async def _answered(asked: Any) -> Any:
    try:
        async with asyncio.timeout(2 * TIMEOUT_S):
            return await asked
    except (RedisError, OSError, TimeoutError) as fault:
        raise Unavailable(f"Redis does not answer: {type(fault).__name__}") from fault
