"""Files that were made to do harm, or that went wrong. Made when they are needed: some are large."""

import io
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path

import docx
from pypdf import PdfReader, PdfWriter

from tests.knowledge.pdf_writer import PdfWriter as Pages
from tests.knowledge.pdf_writer import assemble

_NAMESPACE = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89"
)
_LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


def fine_pdf() -> bytes:
    """Nothing wrong with this one."""
    pages = Pages()
    pages.heading("Prices", 1)
    pages.paragraph("The basic plan costs 49 dollars a month and can be cancelled at any time.")
    return pages.finished()


def fine_docx() -> bytes:
    """Nor with this one."""
    document = docx.Document()
    document.add_heading("Prices", 1)
    document.add_paragraph("The basic plan costs 49 dollars a month and can be cancelled at any time.")
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def encrypted_pdf() -> bytes:
    """It opens with a password only."""
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(fine_pdf())))
    writer.encrypt("a secret", algorithm="AES-256")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def owner_locked_pdf() -> bytes:
    """It forbids changes, but opens without a password."""
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(fine_pdf())))
    writer.encrypt(user_password="", owner_password="a secret", algorithm="AES-256")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def pdf_with_page_cycle() -> bytes:
    """Its tree of pages holds itself."""
    return assemble([b"BT /F1 12 Tf 72 700 Td (around and around) Tj ET"], kids="2 0 R 5 0 R 2 0 R")


def scanned_pdf() -> bytes:
    """Pages without a letter."""
    return assemble([b"0 0 595 842 re f", b"0 0 595 842 re f"])


def _with_document_xml(blocks: Iterable[bytes]) -> bytes:
    """A Word document whose main part is made of ``blocks``."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(fine_docx())) as fine,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as bad,
    ):
        for part in fine.infolist():
            if part.filename != "word/document.xml":
                bad.writestr(part, fine.read(part))
        with bad.open("word/document.xml", "w", force_zip64=True) as main:
            for block in blocks:
                main.write(block)
    return out.getvalue()


def _document(body: str, doctype: str = "") -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{doctype}<w:document xmlns:w="{_NAMESPACE}"><w:body>{body}'
        "</w:body></w:document>"
    ).encode()


def billion_laughs() -> bytes:
    """Entities that unfold to gigabytes."""
    doctype = f'<!DOCTYPE w:document [<!ENTITY l0 "ha">{_LAUGHS}]>'
    return _with_document_xml([_document("<w:p><w:r><w:t>&l9;</w:t></w:r></w:p>", doctype)])


def external_entity(target: Path) -> bytes:
    """An entity that stands for somebody's file."""
    doctype = f'<!DOCTYPE w:document [<!ENTITY x SYSTEM "{target.as_uri()}">]>'
    return _with_document_xml([_document("<w:p><w:r><w:t>&x;</w:t></w:r></w:p>", doctype)])


def hidden_entity() -> bytes:
    """The same in UTF-16, for those who look for ASCII."""
    doctype = '<!DOCTYPE w:document [<!ENTITY x "ha">]>'
    text = _document("<w:p><w:r><w:t>&x;</w:t></w:r></w:p>", doctype).decode()
    return _with_document_xml([text.replace("UTF-8", "UTF-16").encode("utf-16")])


def zip_bomb() -> bytes:
    """600 MB of nothing, in as many kilobytes."""
    nothing = b" " * (1 << 20)
    return _with_document_xml(nothing for _ in range(600))


def two_million_paragraphs_docx() -> bytes:
    """More than a tree can hold in half a gigabyte."""
    head, foot = _document("|").split(b"|")
    block = b"<w:p><w:r><w:t>word</w:t></w:r></w:p>" * 20_000
    return _with_document_xml([head, *(block for _ in range(100)), foot])


FILES: dict[str, tuple[Callable[[Path], bytes], str, str]] = {
    "empty": (lambda _: b"", "unsupported", "empty"),
    "liar": (lambda _: _PNG, "unsupported", "PDF, DOCX, TXT and MD"),
    "archive": (
        lambda _: fine_docx().replace(b"word/document.xml", b"word/notthere.xml"),
        "unsupported",
        "not a Word",
    ),
    "encrypted_pdf": (lambda _: encrypted_pdf(), "encrypted", "password"),
    "truncated_pdf": (lambda _: fine_pdf()[:400], "damaged", "damaged"),
    "truncated_docx": (lambda _: fine_docx()[:20_000], "damaged", "damaged"),
    "pdf_page_cycle": (lambda _: pdf_with_page_cycle(), "damaged", "damaged"),
    "scanned_pdf": (lambda _: scanned_pdf(), "no_text", "no text"),
    "billion_laughs": (lambda _: billion_laughs(), "entities", "entities"),
    "external_entity": (external_entity, "entities", "entities"),
    "hidden_entity": (lambda _: hidden_entity(), "entities", "entities"),
    "zip_bomb": (lambda _: zip_bomb(), "unpacks_too_large", "larger than"),
    "two_million_paragraphs_docx": (lambda _: two_million_paragraphs_docx(), "too_long", "too long"),
    "two_million_paragraphs_txt": (lambda _: b"word\n\n" * 2_000_000, "too_long", "more than"),
    "two_million_paragraphs_md": (
        lambda _: b"# Title\n\n" + b"word\n\n" * 2_000_000,
        "too_long",
        "more than",
    ),
    "one_endless_line": (lambda _: b"word " * 2_000_000, "too_long", "more than"),
    "only_space": (lambda _: b" \n\t\n" * 100, "no_text", "no text"),
}
"""By name: how to make it (given a file to point at), the code of its failure, a word of the reason."""
