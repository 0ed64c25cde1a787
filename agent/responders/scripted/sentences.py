"""Sentences that answer, found by the words they share with a question."""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from agent.responders.scripted.words import SMALL, folded

_END = re.compile(r"(?<=[.!?…])\s+(?=[^\s\d.,;])|\s*\n+\s*")
_WORD = re.compile(r"[^\W\d_]{3,}|\d{2,}")
_MARKUP = re.compile(r"^[\s#>*•·\-–—]+|[*_`]{2,}")
_EMPTY = frozenset[str]().union(*SMALL.values())
_STEM = 5
_LONGEST = 320
_FEWEST_WORDS = 4


def sentences(text: str) -> list[str]:
    """``text`` as whole sentences, without headings and marks of lists."""
    plain = (_MARKUP.sub("", piece).strip() for piece in _END.split(text))
    return [piece for piece in plain if len(piece.split()) >= _FEWEST_WORDS and len(piece) <= _LONGEST]


def leading(text: str, longest: int = _LONGEST) -> str:
    """The first sentence of ``text``, and those that fit within ``longest`` characters with it."""
    told = ""
    for sentence in _END.split(text.strip()):
        if told and len(told) + len(sentence) > longest:
            break
        told = f"{told} {sentence}".strip()
    return told


def stems(text: str) -> frozenset[str]:
    """The beginnings of the words that carry meaning."""
    return frozenset(word[:_STEM] for word in _WORD.findall(folded(text)) if word not in _EMPTY)


def ranked(asked: frozenset[str], texts: Iterable[str]) -> list[tuple[int, str]]:
    """How many words each passage of one or two sentences shares with the question, the most first."""
    found: list[tuple[int, str]] = []
    for text in texts:
        lines, meant = _read(text)
        shared = [len(asked & stems_of) for stems_of in meant]
        found.extend((shared[at], _with_next(lines, shared, at)) for at in range(len(lines)))
    return sorted(found, key=lambda each: -each[0])


@lru_cache(maxsize=1024)
def _read(text: str) -> tuple[list[str], list[frozenset[str]]]:
    lines = sentences(text)
    return lines, [stems(line) for line in lines]


def _with_next(lines: Sequence[str], shared: Sequence[int], at: int) -> str:
    """The following sentence goes along when it speaks of the same thing and both stay short."""
    goes_on = at + 1 < len(lines) and shared[at] and shared[at + 1]
    together = f"{lines[at]} {lines[at + 1]}" if goes_on else lines[at]
    return together if len(together) <= _LONGEST else lines[at]
