"""The sentence that answers, found by the words it shares with a question."""

import re
from collections.abc import Iterable, Sequence

from agent.responders.scripted.words import SMALL, folded

_END = re.compile(r"(?<=[.!?…])\s+(?=[^\s\d.,;])|\s*\n+\s*")
_WORD = re.compile(r"[^\W\d_]{3,}|\d{2,}")
_MARKUP = re.compile(r"^[\s#>*•·\-–—]+|[*_`]{2,}")
_UNFIT = re.compile(r"https?://|www\.|[$€£¥₹%]|\b(?:USD|EUR|GBP|CHF)\b", re.IGNORECASE)
"""Prices and links are the playbook's alone, whatever a document says."""
_EMPTY = frozenset[str]().union(*SMALL.values())
_STEM = 5
_LONGEST = 320
_FEWEST_WORDS = 4


def sentences(text: str) -> list[str]:
    """``text`` as whole sentences that may be quoted."""
    plain = (_MARKUP.sub("", piece).strip() for piece in _END.split(text))
    return [piece for piece in plain if len(piece.split()) >= _FEWEST_WORDS and not _UNFIT.search(piece)]


def stems(text: str) -> frozenset[str]:
    """The beginnings of the words that carry meaning."""
    return frozenset(word[:_STEM] for word in _WORD.findall(folded(text)) if word not in _EMPTY)


def best(asked: frozenset[str], texts: Iterable[str]) -> tuple[str, int]:
    """The one or two sentences that share most with the question, and how many words they share."""
    chosen, most = "", 0
    for text in texts:
        lines = sentences(text)
        for at, line in enumerate(lines):
            shared = len(asked & stems(line))
            if shared > most:
                chosen, most = _with_next(lines, at, asked), shared
    return chosen, most


def opening_of(texts: Sequence[str]) -> str:
    """The first sentence that is short enough to quote."""
    return next((line for text in texts for line in sentences(text) if len(line) <= _LONGEST), "")


def _with_next(lines: Sequence[str], at: int, asked: frozenset[str]) -> str:
    """The following sentence goes along when it speaks of the same thing and both stay short."""
    line = lines[at]
    following = lines[at + 1] if at + 1 < len(lines) else ""
    fits = following and len(line) + len(following) < _LONGEST and asked & stems(following)
    return f"{line} {following}" if fits else line[:_LONGEST]
