"""PDF, page by page: the text with its letters' size and place, from which headings and paragraphs show."""

import math
import statistics
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

from pypdf import PdfReader
from pypdf.errors import PyPdfError
from unstructured.documents.elements import Element

from ingestion_worker.documents.parsing.limits import Limits
from ingestion_worker.documents.parsing.lines import Letters, Line, line_elements
from ingestion_worker.documents.parsing.running_lines import drop_running_lines
from ingestion_worker.documents.parsing.unreadable import Unreadable

_DAMAGED = Unreadable("damaged", "The PDF is damaged or incomplete. Export it again and upload it anew.")
_NEW_PARAGRAPH = 1.3


def read_pdf(file: BinaryIO, limits: Limits, on_page: Callable[[int, int], None]) -> Iterator[Element]:
    """Its elements, in order; ``on_page`` hears of each page done and of how many there are.

    Raises `Unreadable`.
    """
    try:
        reader = PdfReader(file)
        if reader.is_encrypted and not reader.decrypt(""):
            raise Unreadable(
                "encrypted", "The PDF is protected by a password. Remove the password and upload it again."
            )
        pages = len(reader.pages)
    except (PyPdfError, ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError) as fault:
        raise _DAMAGED from fault
    if pages > limits.pages:
        raise Unreadable("too_long", f"The PDF has more than {limits.pages:,} pages. Split it into several.")
    extracted = []
    for number in range(1, pages + 1):
        extracted.append(_lines(reader, number))
        on_page(number, pages)
    drop_running_lines(extracted)
    letters = Letters.of(line for lines in extracted for line in lines)
    for number, lines in enumerate(extracted, 1):
        yield from line_elements(lines, letters, number)


def _lines(reader: PdfReader, number: int) -> list[Line]:
    pen = _Pen()
    try:
        reader.pages[number - 1].extract_text(visitor_text=pen.write)
    except (PyPdfError, ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError) as fault:
        raise _DAMAGED from fault
    return pen.lines()


class _Pen:
    """Collects a page's pieces of text into lines."""

    def __init__(self) -> None:
        self._rows: list[_Row] = []

    def write(self, text: str, cm: list[float], tm: list[float], font: Any, size: float) -> None:
        """One piece, as `pypdf` hands it out: its matrices say where it stands and how large."""
        if not text.strip():
            return
        height = abs(size) * math.hypot(tm[2], tm[3]) * math.hypot(cm[2], cm[3])
        y = tm[4] * cm[1] + tm[5] * cm[3] + cm[5]
        bold = "bold" in str((font or {}).get("/BaseFont", "")).lower()
        for part in text.split("\n"):
            if part.strip():
                self._put(part, y, round(height, 1), bold)

    def _put(self, text: str, y: float, height: float, bold: bool) -> None:
        row = self._rows[-1] if self._rows else None
        if row is None or abs(row.y - y) > max(height, row.height) * 0.5:
            self._rows.append(_Row(text, y, height, bold))
        else:
            row.add(text, height, bold)

    def lines(self) -> list[Line]:
        """The lines in the order in which the page draws them."""
        if not self._rows:
            return []
        drops = [above.y - below.y for above, below in zip(self._rows, self._rows[1:], strict=False)]
        usual = statistics.median([drop for drop in drops if drop > 0] or [0.0])
        gaps = [True, *(drop <= 0 or drop > usual * _NEW_PARAGRAPH for drop in drops)]
        return [
            Line(row.text.strip(), gap, row.height, row.bold)
            for row, gap in zip(self._rows, gaps, strict=True)
        ]


class _Row:
    """What stands at one height of the page."""

    __slots__ = ("bold", "height", "text", "y")

    def __init__(self, text: str, y: float, height: float, bold: bool) -> None:
        self.text, self.y, self.height, self.bold = text, y, height, bold

    def add(self, text: str, height: float, bold: bool) -> None:
        """Another piece to the right."""
        self.text += text
        self.height = max(self.height, height)
        self.bold = self.bold and bold
