"""A parser process on a machine that has optical recognition: started with a descriptor, as the worker does.

What stands in is ``unstructured[pdf]`` alone, whose libraries weigh gigabytes, by the two functions that
are called.
"""

import socket
import sys
from types import ModuleType
from typing import BinaryIO

from pypdf import PdfReader
from unstructured.documents.elements import Element, NarrativeText, Title

from ingestion_worker.documents.parsing.elements import go_offline
from ingestion_worker.documents.parsing.limits import RECOGNITION, Limits
from ingestion_worker.documents.parsing.reading import read, read_scan
from ingestion_worker.documents.parsing.server import Way, serve


def partition_pdf(*, file: BinaryIO, strategy: str, languages: list[str]) -> list[Element]:
    """One page; its width says what stands on it."""
    assert (strategy, languages) == ("ocr_only", ["eng", "spa"])
    [page] = PdfReader(file).pages
    if page.mediabox.width < 100:
        return []
    return [Title("Prices"), NarrativeText(f"The plan on this page costs {page.mediabox.width} dollars.")]


def stand_in() -> None:
    partition, tesseract = ModuleType("unstructured.partition.pdf"), ModuleType("unstructured_pytesseract")
    vars(partition)["partition_pdf"] = partition_pdf
    vars(tesseract)["get_languages"] = lambda: ["eng", "osd", "spa"]
    sys.modules.update({module.__name__: module for module in (partition, tesseract)})


if __name__ == "__main__":
    go_offline()
    stand_in()
    with socket.socket(fileno=int(sys.argv[1])) as control:
        serve(control, Way(read, Limits()), Way(read_scan, RECOGNITION))
