"""Paragraphs and headings out of bare lines, for formats that know neither."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Self

from unstructured.documents.elements import Element, Text, Title
from unstructured.partition.text import partition_text

from ingestion_worker.documents.parsing.elements import heading, shaped

_BULLET = re.compile(r"\s*([-*•‣▪◦·–—]|\(?\d{1,3}[.)]|\(?[a-zA-Z][.)])\s+\S")
_NUMBERED = re.compile(r"\d{1,2}((?:\.\d{1,2})*)\.?\s+\S")
_RULE = re.compile(r"\s*([-=_*~])\1{2,}\s*$")
_HEADING_WORDS, _HEADING_LETTERS = 12, 90
_NARROW, _WIDE = 45, 130
_LARGER = 1.12
_BOLD_DEPTH = 300


@dataclass(slots=True)
class Line:
    """One line as it stands on the page. ``size`` is its letters' height in points, 0 where unknown."""

    text: str
    after_gap: bool = False
    size: float = 0
    bold: bool = False
    in_table: bool = False
    """A row of a table, already put in words: it stands by itself."""


@dataclass(slots=True)
class Paragraph:
    """Lines that belong together; ``depth`` is set on a heading, smaller is higher."""

    text: str
    depth: int | None = None


@dataclass(frozen=True, slots=True)
class Letters:
    """How a document sets its text: the height of most letters, and whether headings differ from it."""

    body: float
    tell: bool

    @classmethod
    def of(cls, lines: Iterable[Line]) -> Self:
        """Judge by all lines of a document."""
        letters: Counter[float] = Counter()
        headlines: list[Line] = []
        for line in lines:
            letters[line.size] += len(line.text)
            if _may_be_heading(line.text):
                headlines.append(line)
        body = max(letters, key=lambda size: letters[size], default=0.0)
        tell = body > 0 and any(line.bold or line.size >= body * _LARGER for line in headlines)
        return cls(body, tell)

    def depth(self, line: Line) -> int | None:
        """A heading's depth by its letters; None for a line that does not stand out."""
        if line.size >= self.body * _LARGER:
            return max(0, _BOLD_DEPTH - 1 - round(line.size))
        return _BOLD_DEPTH if line.bold and line.size >= self.body * 0.95 else None


def line_elements(lines: Sequence[Line], letters: Letters, page: int | None = None) -> Iterator[Element]:
    """The lines as elements: headings, list items and text."""
    texts: list[str] = []
    for paragraph in paragraphs(lines, letters):
        if paragraph.depth is None:
            texts.append(paragraph.text)
            continue
        yield from _classified(texts, page)
        texts = []
        yield heading(paragraph.text, paragraph.depth, page)
    yield from _classified(texts, page)


def _classified(texts: list[str], page: int | None) -> Iterator[Element]:
    if not texts:
        return
    for element in shaped(partition_text(text="\n".join(texts), paragraph_grouper=False, languages=[""])):
        # Without a grammar every short line passes for a title there; ours were found before.
        kept = Text(text=element.text) if isinstance(element, Title) else element
        kept.metadata.page_number = page
        yield kept


def paragraphs(lines: Sequence[Line], letters: Letters) -> Iterator[Paragraph]:
    """Lines joined again where only the width of the page had parted them."""
    width = _width(lines)
    current = ""
    for index, line in enumerate(lines):
        if _RULE.match(line.text):
            continue
        depth = _depth(lines, index, letters)
        if current and (depth is not None or not _continues(lines[index - 1], line, width)):
            yield Paragraph(current)
            current = ""
        if depth is not None:
            yield Paragraph(" ".join(line.text.split()), depth)
        else:
            current = _joined(current, " ".join(line.text.split()))
    if current:
        yield Paragraph(current)


def _width(lines: Iterable[Line]) -> int:
    """At how many letters the lines break; 0 for text that is not broken."""
    longest = max((len(line.text) for line in lines if not line.in_table), default=0)
    return longest if _NARROW <= longest <= _WIDE else 0


def _continues(previous: Line, line: Line, width: int) -> bool:
    if line.after_gap or line.in_table or previous.in_table or not width or _BULLET.match(line.text):
        return False
    # It was the width that ended the line before if this one's first word had no room on it. Letters of
    # a known size differ in width, so there it may be a few fewer.
    room = width * (0.82 if line.size else 0.97)
    first_word = line.text.split(maxsplit=1)[0]
    return len(previous.text) + 1 + len(first_word) > room or first_word[0].islower()


def _joined(current: str, text: str) -> str:
    if current.endswith("-") and text[:1].islower():
        return current[:-1] + text
    return f"{current} {text}" if current else text


def _depth(lines: Sequence[Line], index: int, letters: Letters) -> int | None:
    """A heading's depth: by its letters where headings differ in them, by its looks otherwise."""
    if lines[index].in_table or not _may_be_heading(lines[index].text):
        return None
    return letters.depth(lines[index]) if letters.tell else _depth_by_looks(lines, index)


def _depth_by_looks(lines: Sequence[Line], index: int) -> int | None:
    line, text = lines[index], lines[index].text.strip()
    if ": " in text or " | " in text or text.endswith(('"', "»", ":")):
        return None
    follower = lines[index + 1] if index + 1 < len(lines) else None
    if follower is None:
        return None
    if _RULE.match(follower.text) and not follower.after_gap:
        return 0 if follower.text.strip()[0] == "=" else 1
    if index and not line.after_gap:
        return None
    if text.isupper() and sum(map(str.isalpha, text)) > 3:
        return 2
    if numbered := _NUMBERED.match(text):
        # Two in a row are a list.
        return None if _NUMBERED.match(follower.text) else 3 + numbered[1].count(".")
    return None if _BULLET.match(text) else 6


def _may_be_heading(text: str) -> bool:
    text = text.strip()
    if not text or len(text) > _HEADING_LETTERS or len(text.split()) > _HEADING_WORDS:
        return False
    if text.endswith((".", ",", ";", "!", "…")):
        return False
    first = text.lstrip("¿¡\"'“«(")[:1]
    return (first.isupper() or first.isdigit()) and any(map(str.isalpha, text))
