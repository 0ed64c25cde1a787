"""What of the hits a reply is given, and what of that it used."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from core.knowledge.search import Hit

PASSAGES = 5
CHARACTERS = 4_800
"""About 1,200 tokens: a quarter of what such a prompt holds."""
RELEVANT = 0.33
"""Chosen on the labelled questions: 95 % of those with an answer lie above it, 56 % of the others below."""
SURE = 0.56
"""Below it a reply that draws on none of the hits has found no answer in them: 70 % of the labelled questions
with an answer lie above it, 6 % of the others."""
_WORD = re.compile(r"\w{4,}|\d+(?:[.,]\d+)*")
_SAME = 0.8
_USED = 0.25


@dataclass(frozen=True, slots=True)
class Choice:
    """The hits that a reply may draw on, best first, and how near the best comes to the question."""

    hits: tuple[Hit, ...]
    relevance: float

    @property
    def answers(self) -> bool:
        """Whether there is something in it that may answer."""
        return bool(self.hits) and self.relevance >= RELEVANT


def choose(hits: Sequence[Hit]) -> Choice:
    """The best of ``hits``, without what says the same again, within the bounds of a prompt."""
    kept: list[Hit] = []
    room = CHARACTERS
    for hit in hits:
        if len(kept) == PASSAGES:
            break
        if len(hit.text) <= room and not any(_says_the_same(hit, other) for other in kept):
            kept.append(hit)
            room -= len(hit.text)
    return Choice(tuple(kept), relevance(kept))


def relevance(hits: Sequence[Hit]) -> float:
    """How near a question the best hit comes, 0 to 1.5: its meaning, and half of its share in the words."""
    return max(((hit.similarity or 0) + (hit.coverage or 0) / 2 for hit in hits), default=0.0)


def used(reply: str, question: str, hits: Sequence[Hit]) -> list[Hit]:
    """The hits whose words the reply took up, beyond those of the question; most used first."""
    said = _words(reply) - _words(question)
    if not said:
        return []
    shares = [(len(said & _words(f"{hit.heading} {hit.text}")) / len(said), hit) for hit in hits]
    best = max((share for share, _ in shares), default=0)
    ranked = sorted(shares, key=lambda pair: -pair[0])
    return [hit for share, hit in ranked if share >= _USED and share >= best * 0.6]


def _says_the_same(hit: Hit, other: Hit) -> bool:
    mine, theirs = _words(hit.text), _words(other.text)
    return bool(mine) and len(mine & theirs) >= _SAME * len(mine)


def _words(text: str) -> set[str]:
    return set(_WORD.findall(text.casefold()))
