"""DOCX: looked over as the archive that it is before anything unpacks it."""

import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from unstructured.documents.elements import Element
from unstructured.partition.docx import partition_docx

from ingestion_worker.documents.parsing.elements import shaped
from ingestion_worker.documents.parsing.limits import Limits
from ingestion_worker.documents.parsing.unreadable import Unreadable

_MAIN = "word/document.xml"
_PARTS = 5_000
_BLOCK = 1 << 16
_TAIL = 32
_PARAGRAPH = re.compile(rb"<w:p[ >/]")
_DECLARATION = re.compile(rb"<\0?!\0?(?:D\0?O\0?C\0?T\0?Y\0?P\0?E|E\0?N\0?T\0?I\0?T\0?Y)")
_DAMAGED = Unreadable(
    "damaged", "The Word document is damaged or incomplete. Save it again and upload it anew."
)


def read_docx(file: BinaryIO, limits: Limits) -> Iterator[Element]:
    """Its elements, in order. Raises `Unreadable`."""
    try:
        with zipfile.ZipFile(file) as archive:
            _look_over(archive, limits)
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, OSError, zlib.error) as fault:
        raise _DAMAGED from fault
    file.seek(0)
    yield from shaped(partition_docx(file=file, include_page_breaks=False, languages=[""]))


def _look_over(archive: zipfile.ZipFile, limits: Limits) -> None:
    parts = archive.infolist()
    if _MAIN not in archive.namelist():
        raise Unreadable("unsupported", "The file is a ZIP archive, not a Word document.")
    if len(parts) > _PARTS or sum(part.file_size for part in parts) > limits.unpacked:
        raise Unreadable(
            "unpacks_too_large",
            f"Unpacked, the file is larger than {limits.unpacked >> 20} MB. Remove large images.",
        )
    for part in parts:
        if _is_xml(archive, part):
            _look_over_xml(archive, part, limits)


def _is_xml(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> bool:
    """By content: which part is read as XML is up to the archive's own table, not to names."""
    if part.filename.endswith((".xml", ".rels")):
        return True
    with archive.open(part) as stream:
        return b"<" in stream.read(_TAIL)


def _look_over_xml(archive: zipfile.ZipFile, part: zipfile.ZipInfo, limits: Limits) -> None:
    """Refuse before a tree is built what a tree could not bear, and declarations that no Word writes."""
    if part.file_size > limits.unpacked_xml:
        raise Unreadable("too_long", "The document is too long to be read as one. Split it into several.")
    paragraphs, tail = 0, b""
    with archive.open(part) as stream:
        while block := stream.read(_BLOCK):
            window = tail + block
            if _DECLARATION.search(window):
                raise Unreadable(
                    "entities",
                    "The file declares XML entities, which no Word document does. It was not opened.",
                )
            tail = window[-_TAIL:]
            paragraphs += len(_PARAGRAPH.findall(window)) - len(_PARAGRAPH.findall(tail))
    if paragraphs > limits.paragraphs:
        raise Unreadable(
            "too_long", f"The document has more than {limits.paragraphs:,} paragraphs. Split it into several."
        )
