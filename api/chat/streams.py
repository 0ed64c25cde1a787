"""The events of a turn, numbered so that whoever comes back gets exactly the rest.

An event's id is ``<turn>-<attempt>-<position>``. The position counts one for each character of the
reply and one for each other event, so a finished turn can be told again from its row, from any
position, without keeping its stream.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from time import monotonic
from typing import Any, Literal, NamedTuple, Self

Kind = Literal["token", "reset", "state", "sources", "checkout", "done", "error"]
FINAL: frozenset[Kind] = frozenset({"done", "error"})

_ID = re.compile(r"^(\d{1,9})-(\d{1,9})-(\d{1,9})$")


class Event(NamedTuple):
    """One event: where it ends in its turn, what it is, and its text or data."""

    position: int
    kind: Kind
    data: Any


@dataclass(frozen=True, slots=True)
class EventId:
    """How far somebody has read: in which run of which turn, up to which position."""

    turn: int
    attempt: int
    position: int

    @classmethod
    def parse(cls, text: str | None) -> Self | None:
        """The id as a client sends it back; None when it is none of ours."""
        found = _ID.match(text or "")
        return cls(*(int(part) for part in found.groups())) if found else None

    def __str__(self) -> str:
        return f"{self.turn}-{self.attempt}-{self.position}"


def numbered(parts: Iterable[tuple[Kind, Any]]) -> list[Event]:
    """The events of a finished turn, each with the position that it ends at."""
    told: list[Event] = []
    position = 0
    for kind, data in parts:
        position += len(data) if kind == "token" else 1
        told.append(Event(position, kind, data))
    return told


def unread(events: list[Event], after: int) -> list[Event]:
    """Those of ``events`` that lie behind ``after``; of a token that lies across it, the rest."""
    fresh = [event for event in events if event.position > after]
    if fresh and fresh[0].kind == "token":
        first = fresh[0]
        fresh[0] = first._replace(data=first.data[-(first.position - after) :])
    return fresh


class TurnStream:
    """A running turn's events in this process: one writer, any number of readers, none required."""

    def __init__(self, turn: int, attempt: int) -> None:
        self.turn = turn
        self.attempt = attempt
        self.ended = False
        self.first_at: float | None = None
        """When the first token was written."""
        self._events: list[Event] = []
        self._position = 0
        self._changed = asyncio.Event()

    def write(self, kind: Kind, data: Any) -> None:
        """Append one event and wake the readers."""
        if kind == "token" and self.first_at is None:
            self.first_at = monotonic()
        self._position += len(data) if kind == "token" else 1
        self._events.append(Event(self._position, kind, data))
        self.ended = self.ended or kind in FINAL
        self._changed.set()
        self._changed = asyncio.Event()

    async def follow(self, after: int = 0) -> AsyncIterator[list[Event]]:
        """What lies behind ``after``, then what comes, as many at once as there are; ends with the turn."""
        told = 0
        while True:
            changed = self._changed
            if told < len(self._events):
                batch = self._events[told:]
                told = len(self._events)
                if fresh := unread(batch, after):
                    yield fresh
            elif self.ended:
                return
            else:
                await changed.wait()
