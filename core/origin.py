"""Where the work at hand comes from: set once per request, stated to the database with the claims."""

from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Origin:
    """The address, the program and the id of a request."""

    address: str
    user_agent: str
    request_id: str


ORIGIN: ContextVar[Origin | None] = ContextVar("origin", default=None)
"""None in jobs and commands."""
