"""Draws the graph into the README: `make graph`."""

import re
import sys
from pathlib import Path

from agent.graph import graph

_PLACE = re.compile(r"(?<=<!-- graph -->\n)```mermaid\n.*?```\n", re.DOTALL)


def picture() -> str:
    """The graph as Mermaid, which GitHub draws."""
    return f"```mermaid\n{graph.get_graph().draw_mermaid().strip()}\n```\n"


def with_picture(text: str) -> str:
    """``text`` with the graph of today in its place; raises `ValueError` when it has no place for it."""
    drawn, count = _PLACE.subn(lambda _: picture(), text)
    if count != 1:
        raise ValueError("There must be one place for the graph, after <!-- graph -->.")
    return drawn


if __name__ == "__main__":
    readme = Path(sys.argv[1])
    readme.write_text(with_picture(readme.read_text(encoding="utf-8")), encoding="utf-8")
