"""What payments' routes take and answer."""

from typing import Annotated, Literal

from pydantic import BaseModel, StringConstraints

from api.schemas import Body, Timestamp


class Received(BaseModel):
    """The event is kept."""

    received: Literal[True] = True


Subject = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\r\n]+$")
]
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20_000)]


class MailTemplate(Body):
    """The owner's words; ``{name}``, ``{offer}``, ``{amount}`` and ``{business}`` are filled in."""

    subject: Subject
    body: Words


class KeptMailTemplate(BaseModel):
    """What is written to people who paid; null where our own words are used."""

    subject: str | None
    body: str | None
    updated_at: Timestamp | None
