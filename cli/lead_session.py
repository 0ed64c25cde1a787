"""What `limitless chat` keeps of its conversations, so that the next start goes on with them."""

import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import orjson


@dataclass(slots=True)
class LeadSession:
    """One conversation with one server."""

    token: str | None = None
    thread_id: str | None = None
    last_event_id: str | None = None
    """The newest event read of the reply that runs."""
    message: str | None = None
    """What was said and has no whole reply yet."""
    message_id: str | None = None


class LeadSessions:
    """The file with all of them, readable for its owner alone."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def load(self, key: str) -> LeadSession:
        """The session kept under ``key``, or a new one."""
        return LeadSession(**self._read().get(key, {}))

    def save(self, key: str, session: LeadSession) -> None:
        """Keep it; whole or not at all."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        beside = self._path.with_suffix(".new")
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(orjson.dumps({**self._read(), key: asdict(session)}))
        beside.replace(self._path)

    def _read(self) -> dict[str, dict[str, Any]]:
        try:
            found: dict[str, dict[str, Any]] = orjson.loads(self._path.read_bytes())
        except (FileNotFoundError, orjson.JSONDecodeError):
            return {}
        return found
