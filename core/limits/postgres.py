"""Counting in Postgres, for every process on the database."""

from collections.abc import Sequence

from core.database import Claims, Database
from core.limits.base import Limit, Standing


class PostgresCounter:
    """Counts in an unlogged table; a crash of the database forgets what was counted."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def count(self, limits: Sequence[Limit]) -> list[Standing]:
        """Count one request against each limit, in order, and stop after the first that is used up."""
        rows = await self._database.fetch(
            Claims.nobody(),
            "select * from app.count_request(%s, %s, %s)",
            ([one.key for one in limits], [one.allowed for one in limits], [one.window_s for one in limits]),
        )
        return [Standing(one, row["hits"], row["resets_at"]) for one, row in zip(limits, rows, strict=False)]

    async def forget(self, counted: Limit) -> None:
        """Take back all that was counted against a limit."""
        await self._database.fetch(Claims.nobody(), "select app.uncount_requests(%s)", (counted.key,))

    async def figures(self) -> None:
        """None: the database has its own."""
