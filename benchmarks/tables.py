"""Plain tables for a terminal."""

from collections.abc import Sequence


class Table:
    """A title, a column of names, and columns of figures."""

    def __init__(self, title: str, columns: Sequence[str]) -> None:
        self._rows = [(title, *columns)]

    def row(self, name: str, *cells: str) -> None:
        """Add a line."""
        self._rows.append((name, *cells))

    def print(self) -> None:
        """Write it out, and an empty line."""
        widths = [max(len(cell) for cell in column) for column in zip(*self._rows, strict=True)]
        for index, (name, *cells) in enumerate(self._rows):
            figures = (cell.rjust(width) for cell, width in zip(cells, widths[1:], strict=True))
            print("  ".join((name.ljust(widths[0]), *figures)))
            if index == 0:
                print("─" * (sum(widths) + 2 * (len(widths) - 1)))
        print()


def ratio(ours: float, other: float) -> str:
    """How many times the other's figure ours is."""
    return f"{ours / other:.2f}×" if other else "–"
