"""One file from its bytes to its chunks, told as events."""

from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

from unstructured.documents.elements import Element

from core.knowledge.file_types import HEAD_BYTES, FileType, UnsupportedFile, sniff
from ingestion_worker.documents.parsing.chunking import Chunk, chunks
from ingestion_worker.documents.parsing.language import SAMPLE_CHARACTERS, language_of
from ingestion_worker.documents.parsing.limits import Limits
from ingestion_worker.documents.parsing.pdf import OnPage, read_pdf
from ingestion_worker.documents.parsing.plain import read_markdown, read_text
from ingestion_worker.documents.parsing.scans import recognized
from ingestion_worker.documents.parsing.unreadable import Scanned, Unreadable
from ingestion_worker.documents.parsing.word import read_docx

Tell = Callable[[dict[str, Any]], None]
Elements = Callable[[BinaryIO, Limits, OnPage], Iterator[Element]]


def read(file: BinaryIO, limits: Limits, tell: Tell) -> None:
    """Tell ``pages`` and ``chunk`` events as they come, and ``done`` at the end.

    Raises `Unreadable`, and `Scanned` for pages without text.
    """
    _tell_all(_elements, file, limits, tell)


def read_scan(file: BinaryIO, limits: Limits, tell: Tell) -> None:
    """The same for a PDF that `read` found no text in, by optical recognition. Raises `Unreadable`."""
    try:
        _tell_all(recognized, file, limits, tell)
    except Scanned:
        raise Unreadable(
            "no_text", "The PDF has pictures only, and no text could be made out on them."
        ) from None


def _tell_all(elements: Elements, file: BinaryIO, limits: Limits, tell: Tell) -> None:
    pages = 0

    def on_page(number: int, total: int) -> None:
        nonlocal pages
        pages = total
        tell({"type": "pages", "done": number, "total": total})

    characters, sample = 0, ""
    for chunk in chunks(elements(file, limits, on_page)):
        characters += len(chunk.text)
        if characters > limits.characters:
            raise Unreadable(
                "too_long",
                f"The text has more than {limits.characters:,} characters. Split it into several files.",
            )
        sample += f"{chunk.text}\n" if len(sample) < SAMPLE_CHARACTERS else ""
        tell(_event(chunk))
    if not characters:
        raise Scanned if pages else Unreadable("no_text", "There is no text in the file.")
    tell({"type": "done", "pages": pages or None, "language": language_of(sample)})


def _elements(file: BinaryIO, limits: Limits, on_page: OnPage) -> Iterator[Element]:
    try:
        kind = sniff(file.read(HEAD_BYTES), "")
    except UnsupportedFile as fault:
        raise Unreadable("unsupported", fault.message) from fault
    file.seek(0)
    match kind:
        case FileType.PDF:
            yield from _limited(read_pdf(file, limits, on_page), limits)
        case FileType.DOCX:
            yield from read_docx(file, limits)
        case FileType.MARKDOWN:
            yield from _limited(read_markdown(file, limits), limits)
        case FileType.TEXT:
            yield from _limited(read_text(file, limits), limits)


def _limited(elements: Iterator[Element], limits: Limits) -> Iterator[Element]:
    for count, element in enumerate(elements):
        if count > limits.paragraphs:
            raise Unreadable(
                "too_long",
                f"The text has more than {limits.paragraphs:,} paragraphs. Split it into several files.",
            )
        yield element


def _event(chunk: Chunk) -> dict[str, Any]:
    return {"type": "chunk", "text": chunk.text, "heading": chunk.heading, "page": chunk.page}
