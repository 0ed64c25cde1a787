"""PDFs that are pictures of text: recognized by `unstructured` and tesseract, where they are installed."""

import io
import shutil
from collections.abc import Iterator
from importlib.util import find_spec
from typing import BinaryIO

from pypdf import PdfReader, PdfWriter
from unstructured.documents.elements import Element

from ingestion_worker.documents.parsing.limits import Limits
from ingestion_worker.documents.parsing.pdf import OnPage

_PROGRAMS = ("tesseract", "pdfinfo")
_PACKAGES = ("pdfminer", "unstructured_inference", "unstructured_pytesseract")
_NO_LANGUAGE = "osd"
"""What tesseract lists among its languages: how a page is turned."""


def can_recognize() -> bool:
    """Whether ``unstructured[pdf]``, tesseract and poppler are installed."""
    return all(map(shutil.which, _PROGRAMS)) and all(map(find_spec, _PACKAGES))


def recognized(file: BinaryIO, limits: Limits, on_page: OnPage) -> Iterator[Element]:
    """A scan's elements, page by page, in the languages that tesseract has been given."""
    from unstructured.partition.pdf import partition_pdf
    from unstructured_pytesseract import get_languages

    languages = [name for name in get_languages() if name != _NO_LANGUAGE]
    pages = PdfReader(file).pages
    for number in range(1, len(pages) + 1):
        alone = io.BytesIO()
        with PdfWriter() as writer:
            writer.add_page(pages[number - 1])
            writer.write(alone)
        alone.seek(0)
        for element in partition_pdf(file=alone, strategy="ocr_only", languages=languages):
            element.metadata.page_number = number
            yield element
        on_page(number, len(pages))
