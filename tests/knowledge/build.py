"""Makes ``documents/`` out of ``sources/``: ``python -m tests.knowledge.build``.

A source is named after what it becomes: ``price_list.pdf.md`` is set as ``price_list.pdf``.
"""

import io
import shutil
import textwrap
from collections.abc import Callable
from pathlib import Path

import docx

from tests.knowledge.markdown_blocks import Block, blocks
from tests.knowledge.pdf_writer import PdfWriter

HERE = Path(__file__).parent
DOCUMENTS = HERE / "documents"


def as_markdown(source: str) -> bytes:
    """As it is."""
    return source.encode()


def as_text(source: str) -> bytes:
    """As one types it: no marks but dashes, tables in columns, lines broken at 78 letters."""
    out: list[str] = []
    for block in blocks(source):
        match block.kind:
            case "h1":
                out += [block.text.upper(), "=" * len(block.text), ""]
            case "h2" | "h3":
                out += ["", block.text]
            case "table":
                out += [_columns(block), ""]
            case _:
                line = f"{block.mark} {block.text}".strip()
                out += [*textwrap.wrap(line, 78, subsequent_indent="  " if block.mark else ""), ""]
    return "\n".join(out).encode()


def _columns(block: Block) -> str:
    widths = [max(map(len, column)) + 2 for column in zip(*block.rows, strict=True)]
    lines = ("".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)) for row in block.rows)
    return "\n".join(line.rstrip() for line in lines)


def as_docx(source: str) -> bytes:
    """With the styles that Word has for each block."""
    document = docx.Document()
    for block in blocks(source):
        match block.kind:
            case "h1" | "h2" | "h3":
                document.add_heading(block.text, int(block.kind[1]))
            case "item":
                document.add_paragraph(block.text, "List Bullet" if block.mark == "-" else "List Number")
            case "table":
                _add_table(document, block)
            case _:
                document.add_paragraph(block.text)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _add_table(document: "docx.document.Document", block: Block) -> None:
    table = document.add_table(len(block.rows), len(block.rows[0]), style="Table Grid")
    for row, cells in zip(table.rows, block.rows, strict=True):
        for cell, text in zip(row.cells, cells, strict=True):
            cell.text = text


def as_pdf(source: str) -> bytes:
    """Set in pages, numbered at their foot."""
    pages = PdfWriter(footer="Northstar Studio")
    for block in blocks(source):
        match block.kind:
            case "h1" | "h2" | "h3":
                pages.heading(block.text, int(block.kind[1]))
            case "item":
                pages.item(block.text, "•" if block.mark == "-" else block.mark)
            case "table":
                pages.table(block.rows)
            case _:
                pages.paragraph(block.text)
    return pages.finished()


WRITERS: dict[str, Callable[[str], bytes]] = {
    ".md": as_markdown,
    ".txt": as_text,
    ".docx": as_docx,
    ".pdf": as_pdf,
}


def build() -> None:
    """Make all of them anew."""
    shutil.rmtree(DOCUMENTS, ignore_errors=True)
    DOCUMENTS.mkdir()
    for source in sorted((HERE / "sources").glob("*.md")):
        name = source.stem
        (DOCUMENTS / name).write_bytes(WRITERS[Path(name).suffix](source.read_text()))


if __name__ == "__main__":
    build()
