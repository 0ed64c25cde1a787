"""Files in a bucket of Supabase Storage, by the `supabase` package (an optional extra)."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from functools import partial
from io import FileIO
from typing import TYPE_CHECKING, BinaryIO, TypeVar

from core.errors import TerminalOutsideError, TransientOutsideError
from core.models.retries import Retries
from core.storage.base import FileMissing, StoredFile

if TYPE_CHECKING:
    from storage3 import AsyncStorageClient
    from storage3._async.file_api import AsyncBucketProxy
    from storage3.types import ListBucketFilesOptions

T = TypeVar("T")
TIMEOUT_S = 60
PAGE = 100
_TRANSIENT = {408, 429, 500, 502, 503, 504, 544}


class SupabaseStorage:
    """One private bucket, made with the first file where it does not exist."""

    def __init__(self, client: AsyncStorageClient, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    @property
    def name(self) -> str:
        """The bucket."""
        return f"Supabase Storage, bucket {self._bucket}"

    async def save(self, key: str, file: BinaryIO, media_type: str) -> None:
        """As `core.storage.base.Storage.save`."""

        async def upload() -> None:
            # The package takes real files only, and would hold anything else in memory.
            with FileIO(os.dup(file.fileno())) as whole:
                whole.seek(0)
                await self._files().upload(key, whole, {"content-type": media_type, "upsert": "true"})

        file.flush()
        try:
            await self._tried(upload)
        except FileMissing:
            await self._tried(self._make_bucket)
            await self._tried(upload)

    async def read(self, key: str) -> AsyncIterator[bytes]:
        """As `core.storage.base.Storage.read`; the package hands it out in one piece."""
        yield await self._tried(lambda: self._files().download(key))

    async def delete(self, key: str) -> None:
        """As `core.storage.base.Storage.delete`."""
        await self._tried(lambda: self._files().remove([key]))

    async def files(self, organization_id: str) -> AsyncIterator[StoredFile]:
        """As `core.storage.base.Storage.files`."""
        offset = 0
        while True:
            page: ListBucketFilesOptions = {"limit": PAGE, "offset": offset}
            found = await self._tried(partial(self._files().list, organization_id, page))
            for entry in found:
                if entry.get("id"):  # folders have none
                    size = int((entry.get("metadata") or {}).get("size", 0))
                    yield StoredFile(
                        f"{organization_id}/{entry['name']}",
                        size,
                        datetime.fromisoformat(entry["created_at"]),
                    )
            if len(found) < PAGE:
                return
            offset += PAGE

    def _files(self) -> AsyncBucketProxy:
        return self._client.from_(self._bucket)

    async def _make_bucket(self) -> None:
        await self._client.create_bucket(self._bucket, options={"public": False})

    async def _tried(self, call: Callable[[], Awaitable[T]]) -> T:
        retries = Retries(asyncio.get_running_loop().time() + TIMEOUT_S)
        while True:
            try:
                return await self._translated(call)
            except TransientOutsideError as fault:
                await retries.pause(fault)

    async def _translated(self, call: Callable[[], Awaitable[T]]) -> T:
        import httpx
        from storage3.exceptions import StorageApiError

        try:
            return await call()
        except httpx.TransportError as fault:
            raise TransientOutsideError(f"{self.name} cannot be reached ({type(fault).__name__}).") from None
        except StorageApiError as fault:
            status = int(fault.status)
            if status == 404 or "not found" in fault.message.lower():
                raise FileMissing("The file is gone.") from None
            kind = TransientOutsideError if status in _TRANSIENT else TerminalOutsideError
            raise kind(f"{self.name} answered {status}: {fault.message[:200]}") from None
