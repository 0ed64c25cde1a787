"""A PDF as an office program exports it: set in Helvetica, wrapped, with headings and tables."""

from collections.abc import Sequence
from dataclasses import dataclass, field

_WIDTH, _HEIGHT, _MARGIN = 595, 842, 64
_LETTER = 0.5
"""A letter's width on average, in its size."""


@dataclass
class PdfWriter:
    """Blocks are set below one another; a page that is full is followed by the next."""

    footer: str = ""
    _pages: list[list[str]] = field(default_factory=list)
    _y: float = 0

    def heading(self, text: str, level: int) -> None:
        """A heading; level 1 is the title."""
        size = {1: 20, 2: 15, 3: 12.5}[level]
        self._room(size * 4)
        self._y -= size * 0.8
        self._lines(text, size, bold=True)
        self._y -= size * 0.3

    def paragraph(self, text: str) -> None:
        """Text, wrapped."""
        self._lines(text, 10.5)
        self._y -= 6

    def item(self, text: str, mark: str = "•") -> None:
        """An item of a list."""
        self._lines(f"{mark} {text}", 10.5, indent=14)
        self._y -= 2

    def table(self, rows: Sequence[Sequence[str]]) -> None:
        """Cells in columns of equal width; the first row is the header."""
        step = (_WIDTH - 2 * _MARGIN) / len(rows[0])
        for number, row in enumerate(rows):
            self._room(16)
            self._y -= 15
            for column, cell in enumerate(row):
                self._put(cell, _MARGIN + column * step, 10.5, bold=number == 0)
        self._y -= 8

    def new_page(self) -> None:
        """Go on with the next page."""
        self._pages.append([])
        self._y = _HEIGHT - _MARGIN

    @property
    def count(self) -> int:
        """How many pages there are."""
        return len(self._pages)

    def finished(self, pages: int | None = None) -> bytes:
        """The file, or its first ``pages``."""
        contents = [self._with_footer(number, page) for number, page in enumerate(self._pages[:pages], 1)]
        return assemble(contents)

    def _with_footer(self, number: int, page: list[str]) -> bytes:
        foot = _operator(f"{self.footer} {number}".strip(), _MARGIN, 34, 8, bold=False)
        return "\n".join([*page, foot]).encode("cp1252")

    def _lines(self, text: str, size: float, *, bold: bool = False, indent: float = 0) -> None:
        letters = int((_WIDTH - 2 * _MARGIN - indent) / (size * _LETTER))
        for line in _wrapped(text, letters):
            self._room(size)
            self._y -= size * 1.3
            self._put(line, _MARGIN + indent, size, bold=bold)

    def _put(self, text: str, x: float, size: float, *, bold: bool) -> None:
        self._pages[-1].append(_operator(text, x, self._y, size, bold=bold))

    def _room(self, needed: float) -> None:
        if not self._pages or self._y - needed < _MARGIN:
            self.new_page()


def _wrapped(text: str, letters: int) -> list[str]:
    lines = [""]
    for word in text.split():
        if len(lines[-1]) + 1 + len(word) > letters:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def _operator(text: str, x: float, y: float, size: float, *, bold: bool) -> str:
    escaped = text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
    return f"BT /F{2 if bold else 1} {size} Tf 1 0 0 1 {x:.1f} {y:.1f} Tm ({escaped}) Tj ET"


def assemble(contents: Sequence[bytes], *, kids: str | None = None) -> bytes:
    """A PDF with a page for each content stream; ``kids`` replaces the list of pages, to tie knots in it."""
    first = 5
    refs = " ".join(f"{first + 2 * i} 0 R" for i in range(len(contents)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids or refs}] /Count {max(len(contents), 1)} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >>",
    ]
    for number, content in enumerate(contents):
        objects += [
            (
                f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {_WIDTH} {_HEIGHT}]"
                f" /Resources << /Font << /F1 3 0 R /F2 4 0 R >> >> /Contents {first + 2 * number + 1} 0 R >>"
            ).encode(),
            b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        ]
    return _with_table(objects)


def _with_table(objects: Sequence[bytes]) -> bytes:
    out, offsets = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"), []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, table)
    return bytes(out)
