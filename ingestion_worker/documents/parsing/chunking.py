"""Chunks: pieces of a document that are found, shown and understood alone."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from unstructured.chunking.title import chunk_by_title
from unstructured.documents.elements import Element, Text, Title

LARGEST = 800
"""Characters of a chunk at most: four or five fit a prompt, and each is about one thing."""
FULL = 600
OVERLAP = 100
_HEADING_LETTERS = 120
_SENTENCE = re.compile(r"[.!?…:;]\s+|\n+")
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of text, the headings above it from the outermost in, and the page where it begins."""

    text: str
    heading: tuple[str, ...]
    page: int | None


@dataclass(slots=True)
class _Section:
    heading: tuple[str, ...] = ()
    depth: int = -1
    page: int | None = None
    body: list[Element] = field(default_factory=list)


def chunks(elements: Iterable[Element]) -> Iterator[Chunk]:
    """Cut at each heading, and within a section by size, each piece with the end of the one before."""
    for section in _sections(elements):
        before = ""
        for piece in chunk_by_title(
            section.body,
            max_characters=LARGEST,
            new_after_n_chars=FULL,
            overlap=OVERLAP,
            overlap_all=True,
            include_orig_elements=True,
        ):
            origin = (piece.metadata.orig_elements or [piece])[0]
            text = _without_fragment(before, piece.text)
            yield Chunk(text.replace("\n\n", "\n").strip(), section.heading, origin.metadata.page_number)
            before = piece.text


def _sections(elements: Iterable[Element]) -> Iterator[_Section]:
    above: list[tuple[int, str]] = []
    section = _Section()
    for element in elements:
        if not isinstance(element, Title):
            section.body.append(element)
            continue
        depth = element.metadata.category_depth or 0
        yield from _kept(section, next_depth=depth)
        above = [entry for entry in above if entry[0] < depth]
        above.append((depth, " ".join(element.text.split())[:_HEADING_LETTERS]))
        section = _Section(tuple(text for _, text in above), depth, element.metadata.page_number)
    yield from _kept(section, next_depth=-1)


def _kept(section: _Section, next_depth: int) -> Iterator[_Section]:
    """A section with text; or a heading that nothing stands under, which then is the text."""
    if section.body:
        yield section
    elif section.heading and section.depth >= next_depth:
        alone = Text(text=section.heading[-1])
        alone.metadata.page_number = section.page
        yield _Section(section.heading[:-1], section.depth, section.page, [alone])


def _without_fragment(before: str, text: str) -> str:
    """``text`` from the first whole sentence, line or at least word of what it repeats from ``before``."""
    repeated = next((n for n in range(OVERLAP, 0, -1) if before.endswith(text[:n])), 0)
    if not repeated:
        return text
    start = _SENTENCE.search(text, 0, repeated) or _SPACE.search(text, 0, repeated)
    return text[start.end() if start else repeated :]
