"""What makes the stream stop and look: the beginnings of everything that `agent.guard.vocabulary` judges."""

import re
from collections.abc import Iterable
from functools import cache

from agent.guard.vocabulary import word_list

CURRENCIES = word_list("stems", "currencies")
HUNDREDS = word_list("stems", "hundreds")
_ONES = word_list("stems", "germanic_ones")
_COMPOUNDS = [
    one + rest for one in _ONES for rest in ("hundert", "tausend", "honderd", "duizend", "und", "en")
]
_ALWAYS = [stem for name in ("money", "links", "tens") for stem in word_list("stems", name)]
STEMS = frozenset((*_ALWAYS, *CURRENCIES, *HUNDREDS, *_COMPOUNDS))
"""A word that begins so starts a hold; see ``words.toml``."""
WORDS = word_list("stems", "words")
SMALL_NUMBERS = word_list("stems", "small")
OPENERS = "*_~`([{\"'|^"
"""Mark-up that opens before a trigger is held back with it."""
_MARKS = r"[*_~`|^{}\[\]]"


def _trie(stems: Iterable[str]) -> str:
    """A pattern for any of the stems that reads each letter once."""
    branches: dict[str, list[str]] = {}
    for stem in stems:
        if not stem:
            return ""
        branches.setdefault(stem[0], []).append(stem[1:])
    joined = "|".join(re.escape(first) + _trie(rest) for first, rest in sorted(branches.items()))
    return f"(?:{joined})" if len(branches) > 1 else joined


_SMALL = f"(?:{'|'.join(SMALL_NUMBERS)})"


@cache
def trigger_pattern(more_stems: frozenset[str] = frozenset()) -> re.Pattern[str]:
    """Where a hold begins in folded text."""
    return re.compile(
        r"[\d$%\x00-\x08\x0b\x0c\x0e-\x1f\x7f\\<₹₩]"
        rf"|(?<![a-z])(?:{_trie(STEMS | more_stems)}"
        rf"|(?:{'|'.join(sorted(WORDS))})(?=[^a-z])"
        rf"|{_SMALL}[\s-]+(?:{_trie((*CURRENCIES, *HUNDREDS))}|{_SMALL}[\s-])"
        r"|two[ -]for"
        r"|(?<!')[a-z](?:\.[a-z]|[ -][a-z](?=[^a-z])))"
        rf"|(?<=[a-z]){_MARKS}+(?=[a-z])"
        r"|(?<=\.)[a-z]|(?<=[\[({])\.|(?<=:\/)\/|(?<=&)[#a-z]|(?<=@)[a-z]"
    )


TAIL = re.compile(
    rf"(?:(?<![a-z])(?:{_SMALL}[\s-]+[a-z]*|(?<!')[a-z][ .-][a-z]?)|(?<=[a-z]){_MARKS}+)\Z"
    rf"|[{re.escape(OPENERS)}]+\Z"
    r"|(?<![a-z])(?P<word>[a-z]+)\Z"
)
"""The end of a text that may become a trigger with more of it; a ``word`` may only if it begins one."""


def before_openers(folded: str, start: int) -> int:
    """``start``, or where the mark-up begins that opens right before it."""
    while start and folded[start - 1] in OPENERS:
        start -= 1
    return start


@cache
def beginnings(more_stems: frozenset[str] = frozenset()) -> frozenset[str]:
    """Every word and beginning of a word that a trigger may start with."""
    whole = (*STEMS, *WORDS, *SMALL_NUMBERS, *more_stems)
    letters = frozenset("abcdefghijklmnopqrstuvwxyz")
    return letters | {word[:length] for word in whole for length in range(1, len(word) + 1)}
