"""PDFs that are pictures of text, where optical recognition is installed."""

import io
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pypdf import PdfWriter

from ingestion_worker.documents.parser import DocumentUnreadable, ParsedChunk, Parser
from tests.ingestion_worker.documents import hostile
from tests.ingestion_worker.documents.test_hostile_files import quietly


@pytest.fixture(scope="module")
async def parser() -> AsyncIterator[Parser]:
    parser = Parser(module="tests.ingestion_worker.documents.recognition")
    yield parser
    await parser.aclose()


def scan(*widths: int) -> bytes:
    """Pages without a letter, each so many points wide."""
    out = io.BytesIO()
    with PdfWriter() as writer:
        for width in widths:
            writer.add_blank_page(width, 800)
        writer.write(out)
    return out.getvalue()


async def test_a_scan_is_recognized_page_by_page(parser: Parser, tmp_path: Path) -> None:
    (tmp_path / "scan").write_bytes(scan(490, 590))
    seen: list[tuple[int, int]] = []

    async def on_pages(done: int, total: int) -> None:
        seen.append((done, total))

    document = await parser.parse(tmp_path / "scan", on_pages)
    assert document.chunks == [
        ParsedChunk(f"The plan on this page costs {width}.0 dollars.", ("Prices",), page)
        for page, width in enumerate((490, 590), 1)
    ]
    assert (document.pages, document.language) == (2, "en")
    assert seen[-2:] == [(1, 2), (2, 2)]


async def test_pictures_of_no_text_are_said(parser: Parser, tmp_path: Path) -> None:
    (tmp_path / "scan").write_bytes(scan(50))
    with pytest.raises(DocumentUnreadable, match="no text could be made out") as failure:
        await parser.parse(tmp_path / "scan", quietly)
    assert failure.value.code == "no_text"


async def test_what_has_text_is_not_recognized(parser: Parser, tmp_path: Path) -> None:
    (tmp_path / "fine").write_bytes(hostile.fine_pdf())
    [chunk] = (await parser.parse(tmp_path / "fine", quietly)).chunks
    assert chunk.text.startswith("The basic plan costs 49 dollars")
