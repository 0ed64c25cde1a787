"""Both storages do the same: a folder, and a bucket of a stand-in."""

import io
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, BinaryIO, cast

import pytest
from pydantic import SecretStr

from core.errors import TerminalOutsideError, TransientOutsideError
from core.settings import Settings
from core.storage.base import FileMissing, Storage, new_key
from core.storage.choice import open_storage
from tests.standins.supabase_storage import SupabaseStorageStandin, supabase_storage

ORGANIZATION = "org_01jz"
CONTENT = b"a document" * 100_000


@pytest.fixture
async def standin(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[SupabaseStorageStandin]:
    monkeypatch.setattr("core.models.retries.FIRST_PAUSE_S", 0.001)
    async with supabase_storage() as standin:
        yield standin


def settings(tmp_path: Path, **chosen: Any) -> Settings:
    nothing = {"supabase_url": None, "supabase_service_key": None, "data_dir": tmp_path}
    return Settings(_env_file=None, **{**nothing, **chosen})


@pytest.fixture
async def bucket(standin: SupabaseStorageStandin, tmp_path: Path) -> AsyncIterator[Storage]:
    key = SecretStr(standin.service_key)
    async with open_storage(
        settings(tmp_path, supabase_url=standin.url, supabase_service_key=key)
    ) as storage:
        yield storage


@pytest.fixture
async def folder(tmp_path: Path) -> AsyncIterator[Storage]:
    async with open_storage(settings(tmp_path)) as storage:
        yield storage


@pytest.fixture(params=["folder", "bucket"])
def storage(request: pytest.FixtureRequest, folder: Storage, bucket: Storage) -> Storage:
    return folder if request.param == "folder" else bucket


async def save(storage: Storage, key: str, content: bytes = CONTENT, media_type: str = "text/plain") -> None:
    """As an upload arrives: in memory first, and read to its end by whoever looked at it."""
    with tempfile.SpooledTemporaryFile(max_size=1 << 20) as file:
        file.write(content)
        await storage.save(key, cast("BinaryIO", file), media_type)


async def content_of(storage: Storage, key: str) -> bytes:
    return b"".join([piece async for piece in storage.read(key)])


async def keys_of(storage: Storage, organization_id: str = ORGANIZATION) -> list[str]:
    return sorted([file.key async for file in storage.files(organization_id)])


async def test_gives_back_what_it_got(storage: Storage) -> None:
    key = new_key(ORGANIZATION)
    await save(storage, key)
    assert await content_of(storage, key) == CONTENT


async def test_lists_an_organizations_own(storage: Storage) -> None:
    mine = [new_key(ORGANIZATION) for _ in range(3)]
    for key in (*mine, new_key("org_other")):
        await save(storage, key, b"abc")
    assert await keys_of(storage) == sorted(mine)
    assert [file.size async for file in storage.files(ORGANIZATION)] == [3, 3, 3]
    assert await keys_of(storage, "org_without") == []


async def test_a_deleted_file_is_gone(storage: Storage) -> None:
    key = new_key(ORGANIZATION)
    await save(storage, key, b"abc")
    await storage.delete(key)
    await storage.delete(key)
    assert await keys_of(storage) == []
    with pytest.raises(FileMissing):
        await content_of(storage, key)


@pytest.mark.parametrize(
    "key", ["../secret", "org_a/../../secret", "org_a/abc", "/etc/passwd", "org_a/" + "g" * 32]
)
async def test_a_folder_takes_random_keys_only(key: str, folder: Storage) -> None:
    with pytest.raises(ValueError, match="not a storage key"):
        await save(folder, key, b"abc")


async def test_a_folder_keeps_nothing_of_a_failed_save(folder: Storage) -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise OSError("the disk went away")

    with pytest.raises(TransientOutsideError, match="went away"):
        await folder.save(new_key(ORGANIZATION), Broken(), "text/plain")
    assert await keys_of(folder) == []


async def test_a_folder_is_closed_to_others(folder: Storage, tmp_path: Path) -> None:
    key = new_key(ORGANIZATION)
    await save(folder, key, b"abc")
    file = tmp_path / "documents" / key
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)


async def test_a_bucket_is_made_private_when_missing(
    bucket: Storage, standin: SupabaseStorageStandin
) -> None:
    key = new_key(ORGANIZATION)
    await save(bucket, key, media_type="application/pdf")
    assert standin.buckets["documents"][key] == CONTENT
    assert standin.media_types[key] == "application/pdf"


async def test_a_bucket_is_asked_again(bucket: Storage, standin: SupabaseStorageStandin) -> None:
    standin.buckets["documents"] = {}
    standin.faults.extend([503, 500])
    key = new_key(ORGANIZATION)
    await save(bucket, key)
    assert standin.buckets["documents"][key] == CONTENT


async def test_a_bucket_that_stays_away_is_said(bucket: Storage, standin: SupabaseStorageStandin) -> None:
    standin.faults.extend([503] * 3)
    with pytest.raises(TransientOutsideError):
        await bucket.delete(new_key(ORGANIZATION))
    assert len(standin.calls) == 3


async def test_a_bucket_that_nobody_answers_for_is_said(
    standin: SupabaseStorageStandin, tmp_path: Path
) -> None:
    chosen = settings(tmp_path, supabase_url="http://127.0.0.1:9", supabase_service_key=SecretStr("key"))
    async with open_storage(chosen) as storage:
        with pytest.raises(TransientOutsideError, match="cannot be reached"):
            await save(storage, new_key(ORGANIZATION))


async def test_a_bucket_lists_page_by_page(bucket: Storage, standin: SupabaseStorageStandin) -> None:
    keys = [new_key(ORGANIZATION) for _ in range(250)]
    standin.buckets["documents"] = dict.fromkeys(keys, b"abc")
    assert await keys_of(bucket) == sorted(keys)


async def test_a_wrong_service_key_is_said_without_it(
    standin: SupabaseStorageStandin, tmp_path: Path
) -> None:
    chosen = settings(tmp_path, supabase_url=standin.url, supabase_service_key=SecretStr("wrong-key"))
    async with open_storage(chosen) as storage:
        with pytest.raises(TerminalOutsideError) as failure:
            await save(storage, new_key(ORGANIZATION))
    assert "wrong-key" not in str(failure.value)
    assert len(standin.calls) == 1


async def test_a_disk_that_fails_is_worth_another_try(folder: Storage, tmp_path: Path) -> None:
    (tmp_path / "documents").mkdir(exist_ok=True)
    (tmp_path / "documents" / ORGANIZATION).write_text("a file where a folder should be")
    with pytest.raises(TransientOutsideError, match="The storage failed"):
        await save(folder, new_key(ORGANIZATION))
    with pytest.raises(TransientOutsideError, match="The storage failed"):
        await folder.delete(new_key(ORGANIZATION))
    with pytest.raises(TransientOutsideError, match="The storage failed"):
        await anext(aiter(folder.read(new_key(ORGANIZATION))))
