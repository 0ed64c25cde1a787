"""A document's way from its file to its chunks, and everything that can cross it."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from core.database import Claims, Database
from core.embeddings.choice import Embedders, open_embedders
from core.embeddings.local import LocalEmbedder
from core.knowledge import documents
from core.knowledge.documents import Document
from core.settings import Settings
from core.storage.folder import FolderStorage
from ingestion_worker.documents.parser import Parser
from ingestion_worker.documents.pipeline import DocumentPipeline, TryAgain
from tests.ingestion_worker.documents import hostile
from tests.knowledge.library import add_document, local_embedders, make_organization
from tests.standins.openai import openai_standin
from tests.standins.openai_orders import Fault


@pytest.fixture(scope="module")
async def parser() -> AsyncIterator[Parser]:
    parser = Parser()
    yield parser
    await parser.aclose()


class Workshop:
    """An organization, its folder, and pipelines over them."""

    def __init__(self, database: Database, folder: Path, organization_id: str) -> None:
        self.database = database
        self.folder = folder
        self.storage = FolderStorage(folder / "stored")
        self.organization_id = organization_id
        self.claims = Claims.for_organization(organization_id)

    def pipeline(self, parser: Parser, embedders: Embedders | None = None) -> DocumentPipeline:
        return DocumentPipeline(self.database, self.storage, embedders or local_embedders(), parser)

    async def add(self, content: str | bytes, filename: str = "prices.md") -> str:
        path = self.folder / "upload"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return await add_document(self.database, self.storage, self.organization_id, path, filename=filename)

    async def document(self, document_id: str) -> Document | None:
        async with self.database.transaction(self.claims) as connection:
            return await documents.by_id(connection, document_id)

    async def status(self, document_id: str) -> tuple[str, str | None] | None:
        found = await self.document(document_id)
        return (found.status, found.failure_code) if found else None

    async def texts(self) -> list[str]:
        rows = await self.database.fetch(self.claims, "select text from chunks order by id")
        return [row["text"] for row in rows]

    async def stored(self) -> list[str]:
        return [file.key async for file in self.storage.files(self.organization_id)]


@pytest.fixture
async def workshop(database: Database, tmp_path: Path) -> Workshop:
    return Workshop(database, tmp_path, await make_organization(database))


async def test_completes_a_document(workshop: Workshop, parser: Parser) -> None:
    document_id = await workshop.add("# Prices\n\nThe basic plan costs 49 dollars a month.\n")
    await workshop.pipeline(parser).run(workshop.organization_id, document_id)
    document = await workshop.document(document_id)
    assert document is not None
    assert (document.status, document.total_chunks, document.chunks_done) == ("completed", 1, 1)
    assert (document.language, document.embedding_model) == ("en", "wordllama-l2-256")
    rows = await workshop.database.fetch(
        workshop.claims,
        "select c.heading, c.text, e.model, e.dimensions"
        " from chunks c join chunk_embeddings e on e.chunk_id = c.id",
    )
    assert [tuple(row.values()) for row in rows] == [
        ("Prices", "The basic plan costs 49 dollars a month.", "wordllama-l2-256", 256)
    ]


async def test_a_bad_file_fails_with_its_reason(workshop: Workshop, parser: Parser) -> None:
    document_id = await workshop.add(hostile.encrypted_pdf(), "prices.pdf")
    await workshop.pipeline(parser).run(workshop.organization_id, document_id)
    document = await workshop.document(document_id)
    assert document is not None
    assert (document.status, document.failure_code) == ("failed", "encrypted")
    assert "password" in (document.failure_reason or "")


async def test_what_is_done_is_not_done_again(workshop: Workshop, parser: Parser) -> None:
    document_id = await workshop.add("# Prices\n\nThe basic plan costs 49 dollars.\n")
    pipeline = workshop.pipeline(parser)
    for _ in range(2):
        await pipeline.run(workshop.organization_id, document_id)
    assert len(await workshop.texts()) == 1
    document = await workshop.document(document_id)
    assert document is not None
    assert document.attempt == 1


async def test_two_runs_at_once_store_once(workshop: Workshop, parser: Parser) -> None:
    document_id = await workshop.add("# Prices\n\nThe basic plan costs 49 dollars.\n")
    pipeline = workshop.pipeline(parser)
    await asyncio.gather(*(pipeline.run(workshop.organization_id, document_id) for _ in range(3)))
    assert len(await workshop.texts()) == 1
    assert await workshop.status(document_id) == ("completed", None)


class SlowEmbedder(LocalEmbedder):
    """Waits before each batch, so that something can happen meanwhile."""

    def __init__(self) -> None:
        self.asked, self.turns = asyncio.Event(), asyncio.Semaphore(0)

    async def embed(self, texts: Sequence[str]) -> Any:
        self.asked.set()
        await self.turns.acquire()
        return await super().embed(texts)


async def test_a_run_that_was_overtaken_stores_nothing(workshop: Workshop, parser: Parser) -> None:
    document_id = await workshop.add("# Prices\n\nThe basic plan costs 49 dollars.\n")
    slow = SlowEmbedder()
    first = asyncio.create_task(
        workshop.pipeline(parser, Embedders(slow, None)).run(workshop.organization_id, document_id)
    )
    await slow.asked.wait()
    await workshop.pipeline(parser).run(workshop.organization_id, document_id)
    [chunk_id] = await workshop.database.fetch(workshop.claims, "select id from chunks")
    slow.turns.release()
    await first
    assert await workshop.database.fetch(workshop.claims, "select id from chunks") == [chunk_id]
    document = await workshop.document(document_id)
    assert document is not None
    assert (document.status, document.attempt) == ("completed", 2)


async def test_a_document_deleted_meanwhile_stays_deleted(workshop: Workshop, parser: Parser) -> None:
    document_id = await workshop.add("# Prices\n\nThe basic plan costs 49 dollars.\n")
    slow = SlowEmbedder()
    running = asyncio.create_task(
        workshop.pipeline(parser, Embedders(slow, None)).run(workshop.organization_id, document_id)
    )
    await slow.asked.wait()
    async with workshop.database.transaction(workshop.claims) as connection:
        await documents.delete(connection, document_id)
    slow.turns.release()
    await running
    assert await workshop.texts() == []


async def test_the_same_name_replaces_when_it_is_ready(workshop: Workshop, parser: Parser) -> None:
    pipeline = workshop.pipeline(parser)
    old = await workshop.add("# Prices\n\nThe basic plan costs 49 dollars.\n")
    await pipeline.run(workshop.organization_id, old)
    new = await workshop.add("# Prices\n\nThe basic plan costs 59 dollars.\n")
    assert await workshop.texts() == ["The basic plan costs 49 dollars."]
    await pipeline.run(workshop.organization_id, new)
    assert await workshop.texts() == ["The basic plan costs 59 dollars."]
    assert await workshop.status(old) is None
    assert len(await workshop.stored()) == 1


async def test_a_bad_file_replaces_nothing(workshop: Workshop, parser: Parser) -> None:
    pipeline = workshop.pipeline(parser)
    old = await workshop.add("# Prices\n\nThe basic plan costs 49 dollars.\n")
    await pipeline.run(workshop.organization_id, old)
    new = await workshop.add(hostile.encrypted_pdf())
    await pipeline.run(workshop.organization_id, new)
    assert await workshop.status(new) == ("failed", "encrypted")
    assert await workshop.texts() == ["The basic plan costs 49 dollars."]


async def test_the_later_upload_wins_in_any_order(workshop: Workshop, parser: Parser) -> None:
    pipeline = workshop.pipeline(parser)
    old = await workshop.add("# Prices\n\nThe basic plan costs 49 dollars.\n")
    new = await workshop.add("# Prices\n\nThe basic plan costs 59 dollars.\n")
    await pipeline.run(workshop.organization_id, new)
    await pipeline.run(workshop.organization_id, old)
    assert await workshop.texts() == ["The basic plan costs 59 dollars."]
    assert await workshop.status(old) is None


async def test_a_missing_file_is_said(workshop: Workshop, parser: Parser) -> None:
    document_id = await workshop.add("# Prices\n\nThe basic plan costs 49 dollars.\n")
    [key] = await workshop.stored()
    await workshop.storage.delete(key)
    await workshop.pipeline(parser).run(workshop.organization_id, document_id)
    assert await workshop.status(document_id) == ("failed", "file_missing")


async def test_embeddings_that_stay_away_are_tried_again_three_times(
    workshop: Workshop, parser: Parser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.models.retries.FIRST_PAUSE_S", 0.001)
    document_id = await workshop.add("# Prices\n\nThe basic plan costs 49 dollars.\n")
    async with openai_standin() as standin:
        standin.orders.faults.extend([Fault(status=503)] * 100)
        chosen = Settings(
            _env_file=None, openai_base_url=standin.base_url, openai_api_key=SecretStr("sk-test")
        )
        async with open_embedders(chosen) as embedders:
            pipeline = workshop.pipeline(parser, embedders)
            for _ in range(documents.RETRIES):
                with pytest.raises(TryAgain):
                    await pipeline.run(workshop.organization_id, document_id)
                assert await workshop.status(document_id) == ("pending", None)
            await pipeline.run(workshop.organization_id, document_id)
    document = await workshop.document(document_id)
    assert document is not None
    assert (document.status, document.failure_code) == ("failed", "outside")
    assert "503" in (document.failure_reason or "")


async def test_a_file_that_kills_its_reader_stops_after_three(workshop: Workshop, parser: Parser) -> None:
    dying = Parser(module="tests.ingestion_worker.documents.misbehaviour")
    bad, fine = await workshop.add("die", "bad.txt"), await workshop.add("# Prices\n\nAll is well.\n")
    try:
        pipeline = workshop.pipeline(dying)
        for _ in range(documents.CRASHES - 1):
            with pytest.raises(TryAgain):
                await pipeline.run(workshop.organization_id, bad)
        await pipeline.run(workshop.organization_id, bad)
    finally:
        await dying.aclose()
    await workshop.pipeline(parser).run(workshop.organization_id, fine)
    assert await workshop.status(bad) == ("failed", "crashed")
    assert await workshop.status(fine) == ("completed", None)


async def test_a_file_that_kills_its_worker_stops_too(workshop: Workshop, parser: Parser) -> None:
    """A worker that dies says nothing: the document is found in processing, again and again."""
    document_id = await workshop.add("# Prices\n\nThe basic plan costs 49 dollars.\n")
    for _ in range(1 + documents.RETRIES):
        async with workshop.database.transaction(workshop.claims) as connection:
            assert await documents.begin(connection, document_id) is not None
    await workshop.pipeline(parser).run(workshop.organization_id, document_id)
    assert await workshop.status(document_id) == ("failed", "crashed")


async def test_an_owner_may_have_it_tried_again(workshop: Workshop, parser: Parser) -> None:
    document_id = await workshop.add("# Prices\n\nThe basic plan costs 49 dollars.\n")
    for _ in range(1 + documents.RETRIES):
        async with workshop.database.transaction(workshop.claims) as connection:
            await documents.begin(connection, document_id)
    pipeline = workshop.pipeline(parser)
    await pipeline.run(workshop.organization_id, document_id)
    async with workshop.database.transaction(workshop.claims) as connection:
        assert await documents.renew(connection, document_id) is not None
    await pipeline.run(workshop.organization_id, document_id)
    assert await workshop.status(document_id) == ("completed", None)


async def test_progress_is_written_down(
    workshop: Workshop, parser: Parser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingestion_worker.documents.progress._EVERY_S", 0)
    text = "\n\n".join(f"## Part {number}\n\nSomething is said about part {number}." for number in range(300))
    document_id = await workshop.add(text)
    slow = SlowEmbedder()
    running = asyncio.create_task(
        workshop.pipeline(parser, Embedders(slow, None)).run(workshop.organization_id, document_id)
    )
    await slow.asked.wait()
    first = await workshop.document(document_id)
    slow.asked.clear()
    slow.turns.release()
    await slow.asked.wait()
    second = await workshop.document(document_id)
    slow.turns.release()
    await running
    assert first is not None
    assert second is not None
    assert (first.status, first.chunks_done, first.total_chunks) == ("processing", 0, 300)
    assert (second.chunks_done, second.total_chunks) == (256, 300)
