"""Documents that stand still, and files and rows that have lost each other."""

import os
from pathlib import Path

import pytest

from core.clock import utc_now
from core.database import Claims, Database
from core.knowledge import documents
from core.storage.base import new_key
from core.storage.folder import FolderStorage
from ingestion_worker.documents import upkeep
from tests.knowledge.library import add_document, make_organization

LONG_AGO = "now() - interval '2 hours'"


class Place:
    """One organization and its files."""

    def __init__(self, database: Database, folder: Path, organization_id: str) -> None:
        self.database = database
        self.folder = folder
        self.storage = FolderStorage(folder / "documents")
        self.organization_id = organization_id
        self.claims = Claims.for_organization(organization_id)

    async def add(self, text: str = "Some text.") -> str:
        path = self.folder / "note.txt"
        path.write_text(text)
        return await add_document(self.database, self.storage, self.organization_id, path)

    async def age(self, column: str) -> None:
        await self.database.fetch(self.claims, f"update documents set {column} = {LONG_AGO} returning id")  # noqa: S608 - our own words

    def age_files(self) -> None:
        moment = utc_now().timestamp() - 7200
        for file in (self.folder / "documents").rglob("*"):
            os.utime(file, (moment, moment))

    async def status(self, document_id: str) -> tuple[str, str | None]:
        async with self.database.transaction(self.claims) as connection:
            found = await documents.by_id(connection, document_id)
        assert found is not None
        return found.status, found.failure_code

    async def files(self) -> list[str]:
        return [file.key async for file in self.storage.files(self.organization_id)]


@pytest.fixture
async def place(database: Database, tmp_path: Path) -> Place:
    return Place(database, tmp_path, await make_organization(database))


async def test_idle_documents_are_queued_once(place: Place) -> None:
    await place.add()
    await place.age("updated_at")
    for _ in range(2):
        await upkeep.take_up_idle(place.database)
    rows = await place.database.fetch(place.claims, "select job_id from documents where job_id is not null")
    assert len(rows) == 1
    await upkeep.take_up_idle(place.database)
    assert await place.database.fetch(place.claims, "select job_id from documents") == rows


async def test_busy_documents_are_left_alone(place: Place) -> None:
    await place.add()
    await upkeep.take_up_idle(place.database)
    assert await place.database.fetch(place.claims, "select from documents where job_id is not null") == []


async def test_a_file_without_a_row_is_cleared(place: Place) -> None:
    document_id = await place.add()
    [known] = await place.files()
    with (place.folder / "note.txt").open("rb") as file:
        await place.storage.save(new_key(place.organization_id), file, "text/plain")
    place.age_files()
    await upkeep.sweep(place.database, place.storage)
    assert await place.files() == [known]
    assert (await place.status(document_id))[0] == "pending"


async def test_a_young_file_without_a_row_may_be_an_upload(place: Place) -> None:
    await place.add()
    with (place.folder / "note.txt").open("rb") as file:
        await place.storage.save(new_key(place.organization_id), file, "text/plain")
    await upkeep.sweep(place.database, place.storage)
    assert len(await place.files()) == 2


async def test_what_a_crash_left_half_written_is_cleared(place: Place) -> None:
    await place.add()
    [known] = await place.files()
    (place.folder / "documents" / f"{new_key(place.organization_id)}.part").write_text("half of a f")
    place.age_files()
    await upkeep.sweep(place.database, place.storage)
    assert await place.files() == [known]


async def test_a_row_that_waits_for_a_lost_file_fails(place: Place) -> None:
    document_id = await place.add()
    for key in await place.files():
        await place.storage.delete(key)
    await upkeep.sweep(place.database, place.storage)
    assert await place.status(document_id) == ("pending", None)
    await place.age("created_at")
    await upkeep.sweep(place.database, place.storage)
    assert await place.status(document_id) == ("failed", "file_missing")


async def test_what_is_completed_outlives_its_file(place: Place) -> None:
    document_id = await place.add()
    await place.database.fetch(place.claims, "update documents set status = 'completed' returning id")
    for key in await place.files():
        await place.storage.delete(key)
    await place.age("created_at")
    await upkeep.sweep(place.database, place.storage)
    assert await place.status(document_id) == ("completed", None)
