"""What is found in files as owners have them: headings, tables, lists, pages, languages."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ingestion_worker.documents.parser import ParsedChunk, ParsedDocument, Parser
from tests.ingestion_worker.documents.test_hostile_files import quietly
from tests.knowledge.build import DOCUMENTS, HERE, as_docx, as_markdown, as_pdf, as_text

WRITERS = {"docx": as_docx, "md": as_markdown, "pdf": as_pdf, "txt": as_text}
PRICES = (HERE / "sources" / "price_list.pdf.md").read_text()


@pytest.fixture(scope="module")
async def parser() -> AsyncIterator[Parser]:
    parser = Parser()
    yield parser
    await parser.aclose()


async def read(parser: Parser, tmp_path: Path, content: str | bytes) -> ParsedDocument:
    path = tmp_path / "document"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return await parser.parse(path, quietly)


def chunk_with(document: ParsedDocument, words: str) -> ParsedChunk:
    return next(chunk for chunk in document.chunks if words in chunk.text)


@pytest.mark.parametrize("form", WRITERS)
async def test_headings_stand_above_their_text(form: str, parser: Parser, tmp_path: Path) -> None:
    document = await read(parser, tmp_path, WRITERS[form](PRICES))
    title, section = chunk_with(document, "PayPal").heading
    assert (title.title(), section) == ("Price List 2026", "Ways to pay")


@pytest.mark.parametrize("form", ["docx", "md", "pdf"])
async def test_rows_of_a_table_are_understood_alone(form: str, parser: Parser, tmp_path: Path) -> None:
    document = await read(parser, tmp_path, WRITERS[form](PRICES))
    rows = chunk_with(document, "1,997 USD").text.splitlines()
    assert (
        "Option: Private Partnership; Price: 1,997 USD; Length: 12 weeks; Live sessions: 12 private" in rows
    )


async def test_rows_of_a_typed_table_stay_lines(parser: Parser, tmp_path: Path) -> None:
    rows = chunk_with(await read(parser, tmp_path, as_text(PRICES)), "1,997 USD").text.splitlines()
    assert "Private Partnership 1,997 USD 12 weeks 12 private" in rows


@pytest.mark.parametrize("form", WRITERS)
async def test_items_of_a_list_stay_lines(form: str, parser: Parser, tmp_path: Path) -> None:
    source = "# Rules\n\nThese hold for all:\n\n- Questions go to a channel.\n- No selling here.\n"
    [chunk] = (await read(parser, tmp_path, WRITERS[form](source))).chunks
    assert chunk.text.splitlines()[1:3] == ["Questions go to a channel.", "No selling here."]


async def test_pages_are_counted_and_kept(parser: Parser) -> None:
    seen: list[tuple[int, int]] = []

    async def on_pages(done: int, total: int) -> None:
        seen.append((done, total))

    document = await parser.parse(DOCUMENTS / "price_list.pdf", on_pages)
    assert seen == [(1, 2), (2, 2)]
    assert document.pages == 2
    assert (chunk_with(document, "PayPal").page, chunk_with(document, "refugees").page) == (1, 2)


async def test_what_stands_on_every_page_is_left_out(parser: Parser) -> None:
    document = await parser.parse(DOCUMENTS / "price_list.pdf", quietly)
    assert not any("Northstar Studio 1" in chunk.text for chunk in document.chunks)


@pytest.mark.parametrize(
    ("name", "language"),
    [("price_list.pdf", "en"), ("lista_de_precios.docx", "es"), ("preguntas_frecuentes.md", "es")],
)
async def test_the_language_is_told(name: str, language: str, parser: Parser) -> None:
    assert (await parser.parse(DOCUMENTS / name, quietly)).language == language


async def test_no_word_is_lost(parser: Parser) -> None:
    """Every word of each source is in some chunk of its document, or in a heading."""
    sources = sorted((HERE / "sources").glob("*.md"))
    documents = await asyncio.gather(*(parser.parse(DOCUMENTS / source.stem, quietly) for source in sources))
    for source, document in zip(sources, documents, strict=True):
        found = " ".join(" ".join((*chunk.heading, chunk.text)) for chunk in document.chunks).lower()
        words = source.read_text().replace("**", "").replace("|", " ").lower().split()
        lost = {word.strip(".,;:?!()\"'¿") for word in words if word.strip("#-0123456789.")} - {""}
        assert {word for word in lost if word not in found} == set()


async def test_long_sections_are_cut_with_overlap(parser: Parser, tmp_path: Path) -> None:
    sentences = [f"Sentence {number} says something about the course." for number in range(60)]
    document = await read(parser, tmp_path, f"# A section\n\n{' '.join(sentences)}\n")
    assert len(document.chunks) > 3
    for before, after in zip(document.chunks, document.chunks[1:], strict=False):
        assert after.heading == ("A section",)
        assert len(after.text) <= 800
        first = after.text.split(".")[0]
        assert first.startswith("Sentence")
        assert first in before.text


async def test_bold_lines_are_headings_in_word(parser: Parser, tmp_path: Path) -> None:
    import docx

    document = docx.Document()
    document.add_paragraph().add_run("How to cancel").bold = True
    document.add_paragraph("Write to us, and we cancel on the same day.")
    path = tmp_path / "bold.docx"
    document.save(str(path))
    [chunk] = (await parser.parse(path, quietly)).chunks
    assert chunk.heading == ("How to cancel",)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
async def test_encodings_of_text_are_told_apart(encoding: str, parser: Parser, tmp_path: Path) -> None:
    text = "Precios\n\nEl acompañamiento cuesta más, pero incluye ocho sesiones en vivo al mes."
    [chunk] = (await read(parser, tmp_path, text.encode(encoding))).chunks
    assert chunk.text.startswith("El acompañamiento cuesta más")
    assert chunk.heading == ("Precios",)


async def test_headings_with_nothing_below_are_text(parser: Parser, tmp_path: Path) -> None:
    document = await read(parser, tmp_path, "# Menu\n\n## Soup\n\n## Bread\n\n## Tea\n")
    assert [chunk.text for chunk in document.chunks] == ["Soup", "Bread", "Tea"]
