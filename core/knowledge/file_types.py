"""What a file is, told from its first bytes. Its name is only ever held against that."""

import codecs
import re
from enum import StrEnum
from pathlib import PurePosixPath

from core.errors import InvalidInput

HEAD_BYTES = 8192
"""How much of a file `sniff` wants to see."""


class FileType(StrEnum):
    """The formats that a document may have."""

    PDF = "pdf"
    DOCX = "docx"
    MARKDOWN = "md"
    TEXT = "txt"


MEDIA_TYPES = {
    FileType.PDF: "application/pdf",
    FileType.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    FileType.MARKDOWN: "text/markdown; charset=utf-8",
    FileType.TEXT: "text/plain; charset=utf-8",
}

_BY_SUFFIX = {
    ".pdf": FileType.PDF,
    ".docx": FileType.DOCX,
    ".md": FileType.MARKDOWN,
    ".markdown": FileType.MARKDOWN,
    ".txt": FileType.TEXT,
}
_PLAIN = {FileType.MARKDOWN, FileType.TEXT}
_SPOKEN = {
    FileType.PDF: "a PDF",
    FileType.DOCX: "a Word document",
    FileType.MARKDOWN: "plain text",
    FileType.TEXT: "plain text",
}
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_MARKDOWN = re.compile(
    r"^(#{1,6} \S|```|\|?[ :]*-{3,}[ :]*\|[-| :]*$|\[[^\]]+\]: \S|[-*] \[[ x]\] )", re.MULTILINE
)
_MARKUP = re.compile(r"\A\s*<(\?xml|!doctype|html|svg)", re.IGNORECASE)


class UnsupportedFile(InvalidInput):
    """Not one of the formats that we read; the message says so to the owner."""


def sniff(head: bytes, filename: str) -> FileType:
    """The type of the file that begins with ``head`` (`HEAD_BYTES` of it, or all of a shorter one).

    A ZIP archive counts as DOCX here; only the whole file shows whether it is one. Raises
    `UnsupportedFile` for an empty file, for another format, and where ``filename`` claims a type that
    the bytes are not.
    """
    if not head:
        raise UnsupportedFile("The file is empty.")
    found = _sniff_bytes(head)
    claimed = _BY_SUFFIX.get(PurePosixPath(filename.lower()).suffix)
    if claimed is not None and claimed != found and not {claimed, found} <= _PLAIN:
        raise UnsupportedFile(
            f"The file is named like {_SPOKEN[claimed]}, but its content is {_SPOKEN[found]}.",
            details={"claimed": claimed, "found": found},
        )
    return found


def _sniff_bytes(head: bytes) -> FileType:
    if b"%PDF-" in head[:1024]:
        return FileType.PDF
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return FileType.DOCX
    text = decoded(head, partial=True)
    if text is None or _MARKUP.match(text):
        raise UnsupportedFile("Only PDF, DOCX, TXT and MD files can be read; this is none of them.")
    return FileType.MARKDOWN if _MARKDOWN.search(text) else FileType.TEXT


def decoded(data: bytes, *, partial: bool = False) -> str | None:
    """``data`` as text in whichever of the usual encodings it is; None when it is no text.

    ``partial`` allows the last character to be cut.
    """
    for bom, encoding in (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ):
        if data.startswith(bom):
            return _decoded_as(data[len(bom) :], encoding, partial)
    return _decoded_as(data, "utf-8", partial) or _decoded_as(data, "cp1252", partial)


def _decoded_as(data: bytes, encoding: str, partial: bool) -> str | None:
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(data, final=not partial)
    except UnicodeDecodeError:
        return None
    # A few stray control characters happen in exported text; a binary file is full of them.
    return None if "\x00" in text or len(_CONTROL.findall(text)) * 100 > len(text) else text
