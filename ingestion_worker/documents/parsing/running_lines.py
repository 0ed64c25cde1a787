"""Headers, footers and page numbers: what stands on page after page and belongs to none."""

import re
from collections import Counter
from collections.abc import Sequence

from ingestion_worker.documents.parsing.lines import Line

_EDGE = 2
_LETTERS = 100
_NUMBER = re.compile(r"\d+|\b[ivxl]+\b")


def drop_running_lines(pages: Sequence[list[Line]]) -> None:
    """Take them off each page, in place."""
    seen = Counter(key for lines in pages for key in {_key(line) for line in _edges(lines)})
    running = {key for key, count in seen.items() if count >= _enough(key, len(pages))}
    for number, lines in enumerate(pages, 1):
        drop = {id(line) for line in _edges(lines) if _key(line) in running or line.text == str(number)}
        lines[:] = [line for line in lines if id(line) not in drop]


def _enough(key: str, pages: int) -> float:
    """Two that differ in a number alone are page numbers; words repeat by accident now and then."""
    return max(2 if "#" in key else 3, pages * 0.4)


def _edges(lines: Sequence[Line]) -> list[Line]:
    edges = [*lines[:_EDGE], *lines[_EDGE:][-_EDGE:]]
    return [line for line in edges if len(line.text) <= _LETTERS]


def _key(line: Line) -> str:
    return f"{line.size:.0f} {_NUMBER.sub('#', line.text)}"
