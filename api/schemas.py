"""Shapes that every domain shares."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer

from core.clock import rfc3339

Timestamp = Annotated[datetime, PlainSerializer(rfc3339, return_type=str, when_used="json")]
"""A moment, written in UTC and ending in ``Z``."""

Limit = Annotated[int, Field(ge=1, le=200)]
Offset = Annotated[int, Field(ge=0, le=1_000_000)]


class Body(BaseModel):
    """What a caller sends: nothing in it that we do not know."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class ErrorContent(BaseModel):
    """What went wrong, for a program (``code``) and for a person (``message``)."""

    code: str
    message: str
    details: dict[str, Any]
    request_id: str
    timestamp: Timestamp
    documentation_url: str


class ErrorAnswer(BaseModel):
    """The one envelope of every error."""

    success: Literal[False] = False
    error: ErrorContent


def errors(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The documented error answers of a route."""
    return {status: {"model": ErrorAnswer} for status in statuses}
