"""Stand-ins for a language model: responders that say and read exactly what a test wants."""

import asyncio
from collections.abc import AsyncGenerator, Sequence

from agent.responders.base import Brief, Reading
from core.errors import OutsideError


class Speaker:
    """Says ``pieces`` (or fails, at the piece that is an error) and reads every message as ``reading``."""

    scripted = False

    def __init__(
        self,
        pieces: Sequence[str | OutsideError] = ("Fine.",),
        reading: Reading | Exception | None = None,
        name: str = "stand-in",
    ) -> None:
        self.name = name
        self.pieces = pieces
        self.reading = reading or Reading(intent="answer")
        self.briefs: list[Brief] = []
        self.order: list[str] = []
        self.closed = False

    async def stream(self, brief: Brief) -> AsyncGenerator[str, None]:
        self.briefs.append(brief)
        try:
            for piece in self.pieces:
                if isinstance(piece, OutsideError):
                    raise piece
                self.order.append("piece")
                yield piece
                await asyncio.sleep(0)
        finally:
            self.closed = True

    async def read(self, brief: Brief) -> Reading:
        self.order.append("read")
        if isinstance(self.reading, Exception):
            raise self.reading
        return self.reading
