"""Each bad file fails with its reason, soon, in little memory, and its neighbours are read."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import psutil
import pytest

from ingestion_worker.documents.parser import DocumentUnreadable, ParsedDocument, Parser
from tests.ingestion_worker.documents import hostile

MEMORY_LIMIT = 512 << 20


@pytest.fixture(scope="module")
async def parser() -> AsyncIterator[Parser]:
    parser = Parser()
    yield parser
    await parser.aclose()


async def quietly(done: int, total: int) -> None:
    """Nobody watches."""


@pytest.mark.parametrize("name", hostile.FILES)
async def test_fails_with_its_reason(name: str, parser: Parser, tmp_path: Path) -> None:
    make, code, word = hostile.FILES[name]
    secret = tmp_path / "secret.txt"
    secret.write_text("the owner's other file")
    path = tmp_path / name
    path.write_bytes(make(secret))
    async with peak_memory() as peak, asyncio.timeout(30):
        with pytest.raises(DocumentUnreadable) as failure:
            await parser.parse(path, quietly)
    assert failure.value.code == code
    assert word in failure.value.reason
    assert "other file" not in failure.value.reason
    assert peak() < MEMORY_LIMIT


async def test_neighbours_are_read_meanwhile(parser: Parser, tmp_path: Path) -> None:
    bad, fine = tmp_path / "bad", tmp_path / "fine"
    bad.write_bytes(hostile.two_million_paragraphs_docx())
    fine.write_bytes(hostile.fine_pdf())
    failed, *read = await asyncio.gather(
        parser.parse(bad, quietly), *(parser.parse(fine, quietly) for _ in range(4)), return_exceptions=True
    )
    assert isinstance(failed, DocumentUnreadable)
    for document in read:
        assert isinstance(document, ParsedDocument)
        assert "49 dollars" in document.chunks[0].text


async def test_opens_what_only_forbids_changes(parser: Parser, tmp_path: Path) -> None:
    path = tmp_path / "locked.pdf"
    path.write_bytes(hostile.owner_locked_pdf())
    assert "49 dollars" in (await parser.parse(path, quietly)).chunks[0].text


@asynccontextmanager
async def peak_memory() -> AsyncIterator[Callable[[], int]]:
    """Watch all child processes; the answer is the largest's resident memory in bytes."""
    seen = [0]

    async def watch() -> None:
        while True:
            for process in psutil.Process().children(recursive=True):
                with suppress(psutil.NoSuchProcess):
                    seen.append(process.memory_info().rss)
            await asyncio.sleep(0.02)

    watcher = asyncio.create_task(watch())
    yield lambda: max(seen)
    watcher.cancel()
