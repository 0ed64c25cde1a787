"""Stripe's events, as far as they are ours to read."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self

import orjson

from core.errors import LimitlessError

_ID = re.compile(r"evt_[A-Za-z0-9_]{1,250}")
_TYPE = re.compile(r"[a-z0-9_.]{1,100}")
_LATEST = 253_402_300_799
"""The last second of the year 9999."""


class MalformedEvent(LimitlessError):
    """A webhook's body that is no event of Stripe's, or not signed by it: 400 under either path."""

    code = "INVALID_INPUT"
    status = 400


@dataclass(frozen=True, slots=True)
class StripeEvent:
    """Something that happened at Stripe."""

    id: str
    type: str
    created: datetime
    test: bool
    object: Mapping[str, Any]
    """What it happened to, as it was then."""

    @classmethod
    def parse(cls, body: bytes | str) -> Self:
        """The event in a body; raises `MalformedEvent`."""
        try:
            found = orjson.loads(body)
        except orjson.JSONDecodeError as fault:
            raise MalformedEvent("The body is not JSON.") from fault
        if not isinstance(found, dict):
            raise MalformedEvent("The body is not an event.")
        data = found.get("data")
        content = data.get("object") if isinstance(data, dict) else None
        if not isinstance(content, dict):
            raise MalformedEvent("The event is about nothing.")
        return cls(
            id=_matching(_ID, found.get("id")),
            type=_matching(_TYPE, found.get("type")),
            created=moment(found.get("created")),
            test=found.get("livemode") is not True,
            object=content,
        )


def _matching(pattern: re.Pattern[str], value: object) -> str:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise MalformedEvent("The event has no id or type of Stripe's.")
    return value


def moment(value: object) -> datetime:
    """Seconds since the epoch as a moment; raises `MalformedEvent`."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _LATEST:
        raise MalformedEvent("A time in the event is none.")
    return datetime.fromtimestamp(value, UTC)


def text(value: object, longest: int = 300) -> str | None:
    """A text of Stripe's, bounded and fit to be stored; None for anything else."""
    if not isinstance(value, str):
        return None
    return value.replace("\x00", "")[:longest] or None


def reference(value: object) -> str | None:
    """The id of another object, which Stripe gives as it is or expanded to the whole object."""
    return text(value.get("id") if isinstance(value, dict) else value, 255)


def whole(value: object) -> int | None:
    """An amount in minor units; None for anything else."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**53 else None


def part(value: Mapping[str, Any], *path: str) -> Mapping[str, Any]:
    """What lies in ``value`` under ``path``; empty when there is no such object."""
    found: object = value
    for name in path:
        found = found.get(name) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else {}
