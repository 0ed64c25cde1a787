"""The little Markdown that the sources are written in, as blocks."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

_HEADING = re.compile(r"(#{1,3}) (.*)")
_ITEM = re.compile(r"(-|\d+\.) (.*)")


@dataclass(frozen=True)
class Block:
    """``kind`` is h1, h2, h3, p, item or table; an item's mark, and a table's rows, stand beside the text."""

    kind: str
    text: str = ""
    mark: str = ""
    rows: tuple[tuple[str, ...], ...] = ()


def blocks(markdown: str) -> Iterator[Block]:
    """In order. Emphasis is taken off."""
    lines = markdown.replace("**", "").splitlines()
    for is_table, group in groupby(filter(None, lines), key=lambda line: line.startswith("|")):
        if is_table:
            rows = [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in group]
            yield Block("table", rows=(rows[0], *rows[2:]))
        else:
            yield from map(_block, group)


def _block(line: str) -> Block:
    if heading := _HEADING.match(line):
        return Block(f"h{len(heading[1])}", heading[2])
    if item := _ITEM.match(line):
        return Block("item", item[2], mark=item[1])
    return Block("p", line)
