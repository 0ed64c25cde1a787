"""TXT and MD."""

from collections.abc import Iterator
from typing import BinaryIO

from unstructured.documents.elements import Element
from unstructured.partition.md import partition_md

from core.knowledge.file_types import decoded
from ingestion_worker.documents.parsing.elements import shaped
from ingestion_worker.documents.parsing.limits import Limits
from ingestion_worker.documents.parsing.lines import Letters, Line, line_elements
from ingestion_worker.documents.parsing.unreadable import Unreadable

_BLOCK_LINES = 2_000
_NO_LETTERS = Letters(body=0, tell=False)


def read_text(file: BinaryIO, limits: Limits) -> Iterator[Element]:
    """A text's elements, in order. Raises `Unreadable`."""
    block: list[Line] = []
    gap = False
    for text in _text(file, limits).splitlines():
        if not text.strip():
            gap = True
            continue
        if gap and len(block) >= _BLOCK_LINES:
            yield from line_elements(block, _NO_LETTERS)
            block = []
        block.append(Line(text.rstrip(), after_gap=gap))
        gap = False
    yield from line_elements(block, _NO_LETTERS)


def read_markdown(file: BinaryIO, limits: Limits) -> Iterator[Element]:
    """A Markdown text's elements, in order. Raises `Unreadable`."""
    yield from shaped(partition_md(text=_text(file, limits), languages=[""]))


def _text(file: BinaryIO, limits: Limits) -> str:
    # Four bytes is the most that a character takes.
    text = decoded(file.read(limits.characters * 4 + 4))
    if text is None:
        raise Unreadable("unsupported", "The file is not plain text.")
    if len(text) > limits.characters:
        raise Unreadable(
            "too_long",
            f"The text has more than {limits.characters:,} characters. Split it into several files.",
        )
    if text.count("\n") > limits.paragraphs * 4:
        raise Unreadable(
            "too_long",
            f"The text has more than {limits.paragraphs * 4:,} lines. Split it into several files.",
        )
    return text
