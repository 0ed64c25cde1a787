"""Which storage is in use."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from pydantic import SecretStr

from core.errors import TerminalOutsideError
from core.settings import Settings
from core.storage.base import Storage
from core.storage.folder import FolderStorage
from core.storage.supabase_bucket import TIMEOUT_S, SupabaseStorage


def uses_supabase(settings: Settings) -> bool:
    """Whether files go to a bucket."""
    key = settings.supabase_service_key
    return bool(settings.supabase_url and key and key.get_secret_value())


@asynccontextmanager
async def open_storage(settings: Settings) -> AsyncIterator[Storage]:
    """A Supabase bucket where ``SUPABASE_URL`` and ``SUPABASE_SERVICE_KEY`` are set, else ``DATA_DIR``.

    Raises `core.errors.TerminalOutsideError` where the package for the bucket is missing.
    """
    if settings.supabase_url and settings.supabase_service_key and uses_supabase(settings):
        async with _bucket(settings.supabase_url, settings.supabase_service_key, settings) as storage:
            yield storage
    else:
        yield FolderStorage(settings.data_dir / "documents")


@asynccontextmanager
async def _bucket(url: str, key: SecretStr, settings: Settings) -> AsyncIterator[Storage]:
    try:
        from supabase import AsyncClientOptions, create_async_client
    except ImportError as fault:
        raise TerminalOutsideError(
            "SUPABASE_URL is set, but the package for it is missing: pip install 'limitless[supabase]'"
        ) from fault
    import httpx

    async with httpx.AsyncClient(timeout=TIMEOUT_S, follow_redirects=False) as session:
        options = AsyncClientOptions(httpx_client=session, auto_refresh_token=False)
        client = await create_async_client(url, key.get_secret_value(), options)
        yield SupabaseStorage(client.storage, settings.supabase_bucket)
