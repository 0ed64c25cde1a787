"""What a file is, told from its first bytes."""

import pytest

from core.knowledge.file_types import FileType, UnsupportedFile, sniff


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"%PDF-1.7\n", FileType.PDF),
        (b"\n\n%PDF-1.4\n", FileType.PDF),
        (b"PK\x03\x04\x14\x00", FileType.DOCX),
        (b"# Prices\n\n49 dollars", FileType.MARKDOWN),
        (b"| a | b |\n|---|---|\n", FileType.MARKDOWN),
        (b"Prices\n\n49 dollars", FileType.TEXT),
        (b"#hashtag is no heading", FileType.TEXT),
        ("Precio: 49 €, más envío".encode("cp1252"), FileType.TEXT),
        ("Precio".encode("utf-16"), FileType.TEXT),
        ("¿Cuánto cuesta?".encode()[:-1] + "ñ".encode()[:1], FileType.TEXT),
    ],
)
def test_the_bytes_tell(head: bytes, kind: FileType) -> None:
    assert sniff(head, "whatever") == kind


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
        b"\x7fELF\x02\x01\x01" + bytes(50),
        b"GIF89a\x01\x00\x01\x00\x80\x00",
        b"<?xml version='1.0'?><!DOCTYPE x>",
        b"<!doctype html><html>",
        b"<html><body>",
        bytes(100),
    ],
)
def test_what_we_cannot_read_is_refused(head: bytes) -> None:
    with pytest.raises(UnsupportedFile):
        sniff(head, "prices.txt")


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"%PDF-1.7\n", "prices.docx"),
        (b"PK\x03\x04", "prices.pdf"),
        (b"just text", "prices.pdf"),
        (b"%PDF-1.7\n", "PRICES.TXT"),
    ],
)
def test_a_name_that_lies_is_refused(head: bytes, name: str) -> None:
    with pytest.raises(UnsupportedFile, match="named like"):
        sniff(head, name)


@pytest.mark.parametrize(
    "name", ["prices.md", "prices.txt", "prices", "prices.final", "../../etc/prices.txt"]
)
def test_a_name_may_say_less_than_the_bytes(name: str) -> None:
    assert sniff(b"# Prices\n", name) == FileType.MARKDOWN
