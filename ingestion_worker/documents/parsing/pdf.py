"""PDF, page by page: the text with its letters' size and place, from which headings and paragraphs show."""

import math
import statistics
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

from pypdf import PdfReader
from pypdf.errors import PyPdfError
from unstructured.documents.elements import Element

from ingestion_worker.documents.parsing.elements import row_lines
from ingestion_worker.documents.parsing.limits import Limits
from ingestion_worker.documents.parsing.lines import Letters, Line, line_elements
from ingestion_worker.documents.parsing.pdf_rows import Row, table_at
from ingestion_worker.documents.parsing.running_lines import drop_running_lines
from ingestion_worker.documents.parsing.unreadable import Unreadable

_DAMAGED = Unreadable("damaged", "The PDF is damaged or incomplete. Export it again and upload it anew.")
_NEW_PARAGRAPH = 1.3

OnPage = Callable[[int, int], None]


def read_pdf(file: BinaryIO, limits: Limits, on_page: OnPage) -> Iterator[Element]:
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
    """Collects a page's pieces of text into rows."""

    def __init__(self) -> None:
        self._rows: list[Row] = []

    def write(self, text: str, cm: list[float], tm: list[float], font: Any, size: float) -> None:
        """One piece, as `pypdf` hands it out: its matrices say where it stands and how large."""
        if not text.strip():
            return
        height = round(abs(size) * math.hypot(tm[2], tm[3]) * math.hypot(cm[2], cm[3]), 1)
        x = tm[4] * cm[0] + tm[5] * cm[2] + cm[4]
        y = tm[4] * cm[1] + tm[5] * cm[3] + cm[5]
        bold = "bold" in str((font or {}).get("/BaseFont", "")).lower()
        for part in text.split("\n"):
            if part.strip():
                self._put(Row.of(part, x, y, height, bold))

    def _put(self, piece: Row) -> None:
        row = self._rows[-1] if self._rows else None
        if row is None or abs(row.y - piece.y) > max(row.height, piece.height) * 0.5:
            self._rows.append(piece)
        else:
            row.add(piece)

    def lines(self) -> list[Line]:
        """The lines in the order in which the page draws them; each row of a table is one."""
        drops = [above.y - below.y for above, below in zip(self._rows, self._rows[1:], strict=False)]
        usual = statistics.median([drop for drop in drops if drop > 0] or [0.0])
        gaps = [True, *(drop <= 0 or drop > usual * _NEW_PARAGRAPH for drop in drops)]
        lines: list[Line] = []
        position = 0
        while position < len(self._rows):
            row, table = self._rows[position], table_at(self._rows, position)
            if table:
                texts = row_lines(table.cells, has_header=table.has_header)
                lines += [Line(text, size=row.height, in_table=True) for text in texts]
            else:
                lines.append(Line(row.text.strip(), gaps[position], row.height, row.bold))
            position += table.height if table else 1
        return lines
