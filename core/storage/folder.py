"""Files in a folder of this machine."""

import asyncio
import os
import re
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from core.errors import TransientOutsideError
from core.storage.base import FileMissing, StoredFile

_KEY = re.compile(r"[a-z0-9_]+/[0-9a-f]{32}")
_PIECE = 256 * 1024
_UNFINISHED = ".part"


class FolderStorage:
    """``root/<organization>/<random>``, readable by the product's own account only."""

    def __init__(self, root: Path) -> None:
        self._root = root

    @property
    def name(self) -> str:
        """The folder."""
        return f"folder {self._root}"

    async def save(self, key: str, file: BinaryIO, media_type: str) -> None:
        """As `core.storage.base.Storage.save`."""
        with _faults():
            await asyncio.to_thread(_save, self._path(key), file)

    async def read(self, key: str) -> AsyncIterator[bytes]:
        """As `core.storage.base.Storage.read`."""
        with _faults():
            file = await asyncio.to_thread(self._path(key).open, "rb")
        with file:
            while piece := await self._piece(file):
                yield piece

    async def delete(self, key: str) -> None:
        """As `core.storage.base.Storage.delete`."""
        with _faults():
            await asyncio.to_thread(self._path(key).unlink, missing_ok=True)

    async def files(self, organization_id: str) -> AsyncIterator[StoredFile]:
        """As `core.storage.base.Storage.files`; what a crash left half written is among them."""
        with _faults():
            listed = await asyncio.to_thread(_listed, self._root / organization_id)
        for file in listed:
            yield file

    async def _piece(self, file: BinaryIO) -> bytes:
        with _faults():
            return await asyncio.to_thread(file.read, _PIECE)

    def _path(self, key: str) -> Path:
        if not _KEY.fullmatch(key.removesuffix(_UNFINISHED)):
            raise ValueError("not a storage key")
        return self._root / key


@contextmanager
def _faults() -> Iterator[None]:
    """A full disk, or a broken one, as what every storage raises."""
    try:
        yield
    except FileNotFoundError as fault:
        raise FileMissing("The file is gone.") from fault
    except OSError as fault:
        raise TransientOutsideError(f"The storage failed: {fault.strerror or fault}.") from fault


def _save(path: Path, file: BinaryIO) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = path.with_name(path.name + _UNFINISHED)
    try:
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as copy:
            file.seek(0)
            shutil.copyfileobj(file, copy, _PIECE)
            copy.flush()
            os.fsync(copy.fileno())
        part.rename(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _listed(folder: Path) -> list[StoredFile]:
    if not folder.is_dir():
        return []
    with os.scandir(folder) as entries:
        return [
            StoredFile(
                f"{folder.name}/{entry.name}", found.st_size, datetime.fromtimestamp(found.st_mtime, UTC)
            )
            for entry in entries
            if (found := entry.stat())
        ]
