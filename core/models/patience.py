"""How long a body is waited for."""

import asyncio
from types import TracebackType
from typing import Self

import aiohttp


class Patience:
    """Fails the reading of ``body`` with `TimeoutError` once ``by`` is past, a time of the loop's clock.

    One timer serves a whole stream: to move ``by`` on is an assignment, while a time-out around each read
    costs more than to parse what was read. The time that the reader takes itself counts too.
    """

    __slots__ = ("_body", "_by", "_due", "_loop", "_timer")

    def __init__(self, body: aiohttp.StreamReader, by: float) -> None:
        self._body = body
        self._loop = asyncio.get_running_loop()
        self._by = self._due = by
        self._timer = self._loop.call_at(by, self._ring)

    def until(self, by: float) -> None:
        """Wait to another time than before."""
        self._by = by
        if by < self._due:
            self._arm()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()

    def _arm(self) -> None:
        self._timer.cancel()
        self._due = self._by
        self._timer = self._loop.call_at(self._due, self._ring)

    def _ring(self) -> None:
        if self._by > self._due:
            self._arm()
        else:
            self._body.set_exception(TimeoutError())
