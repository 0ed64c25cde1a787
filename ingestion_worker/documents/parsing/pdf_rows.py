"""What stands at one height of a page, and the tables that rows of aligned cells make."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Self

_LETTER = 0.5
"""A letter's width on average, in its height: the file says only where a piece begins."""
_GAP = 1.2
"""Between two cells at least, in the letters' height."""
_ALIGNED = 3.0
"""Points that the beginnings of cells in one column may differ by."""
_ROWS, _COLUMNS = 2, 2


@dataclass(frozen=True, slots=True)
class _Piece:
    x: float
    end: float
    text: str


@dataclass(slots=True)
class Row:
    """Pieces at one height. ``y`` grows upwards, ``height`` is that of the letters; both in points."""

    y: float
    height: float
    bold: bool
    text: str
    pieces: list[_Piece] = field(default_factory=list)
    columns: list[float] = field(default_factory=list)
    """Where a piece begins after a gap: the first, and those that look like cells."""

    @classmethod
    def of(cls, text: str, x: float, y: float, height: float, bold: bool) -> Self:
        """A row of one piece."""
        return cls(y, height, bold, text, [_Piece(x, x + len(text) * height * _LETTER, text)], [x])

    def add(self, row: "Row") -> None:
        """Put the piece of ``row`` to the right."""
        [piece] = row.pieces
        if piece.x - self.pieces[-1].end > max(self.height, row.height) * _GAP:
            self.columns.append(piece.x)
        self.text += row.text
        self.pieces.append(piece)
        self.height = max(self.height, row.height)
        self.bold = self.bold and row.bold

    def cells(self, columns: Sequence[float]) -> list[str]:
        """Its text by columns: a piece belongs to the last one that begins before it."""
        texts = [""] * len(columns)
        for piece in self.pieces:
            begun = sum(1 for column in columns if column <= piece.x + _ALIGNED)
            texts[max(begun - 1, 0)] += piece.text
        return [" ".join(text.split()) for text in texts]


@dataclass(frozen=True, slots=True)
class Table:
    """Cells row by row, whether the first row names the columns, and how many rows of the page it took."""

    cells: list[list[str]]
    has_header: bool
    height: int


def table_at(rows: Sequence[Row], start: int) -> Table | None:
    """The table that begins with ``rows[start]``, if one does."""
    if len(rows[start].columns) < _COLUMNS:
        return None
    group = _group(rows, start)
    columns = max((row.columns for row in group), key=len)
    table: list[list[str]] = []
    for row in group:
        texts = row.cells(columns)
        if table and not texts[0] and len(row.columns) < len(columns):
            # A cell of more than one line: what follows has no first column.
            table[-1] = [f"{above} {text}".strip() for above, text in zip(table[-1], texts, strict=True)]
        else:
            table.append(texts)
    if len(table) < _ROWS:
        return None
    return Table(table, group[0].bold and not group[1].bold, len(group))


def _group(rows: Sequence[Row], start: int) -> list[Row]:
    group = [rows[start]]
    columns = rows[start].columns
    for row in rows[start + 1 :]:
        widens = len(row.columns) > len(columns) and _all_in(columns, row.columns)
        if not widens and not _fits(row.columns, columns):
            break
        columns = row.columns if widens else columns
        group.append(row)
    return group


def _fits(some: Sequence[float], columns: Sequence[float]) -> bool:
    """A line that has the first column alone is text below the table."""
    return _all_in(some, columns) and (len(some) >= _COLUMNS or not _in(columns[0], some))


def _all_in(some: Sequence[float], columns: Sequence[float]) -> bool:
    return all(_in(x, columns) for x in some)


def _in(x: float, columns: Sequence[float]) -> bool:
    return any(abs(x - column) <= _ALIGNED for column in columns)
