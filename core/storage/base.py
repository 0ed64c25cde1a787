"""The one interface to stored files."""

import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Protocol

from core.errors import NotFound


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file that is there. ``size`` in bytes."""

    key: str
    size: int
    stored_at: datetime


class FileMissing(NotFound):
    """There is no file under this key."""


class Storage(Protocol):
    """Files under random keys, one folder for each organization.

    All calls raise `core.errors.TransientOutsideError` when another try may help (theirs are used up by
    then) and `core.errors.TerminalOutsideError` when it will not.
    """

    @property
    def name(self) -> str:
        """What is in use, for start-up lines."""

    async def save(self, key: str, file: BinaryIO, media_type: str) -> None:
        """Keep all of ``file`` (a real one, with a descriptor) under ``key``: wholly, or not at all."""

    def read(self, key: str) -> AsyncIterator[bytes]:
        """Its content in pieces. Raises `FileMissing`."""

    async def delete(self, key: str) -> None:
        """Remove it; one that is not there is no error."""

    def files(self, organization_id: str) -> AsyncIterator[StoredFile]:
        """All that an organization has stored."""


def new_key(organization_id: str) -> str:
    """A key that nobody can guess and no name can bend."""
    return f"{organization_id}/{secrets.token_hex(16)}"
