"""The system prompt and its canary must stay where they are."""

import re
from functools import lru_cache
from itertools import chain
from typing import Literal

from agent.guard.text import fold

LENGTH = 8
"""So many words in the prompt's own order are a leak."""

_WORD = re.compile(r"[a-z0-9]+")


def word_list(folded: str) -> list[str]:
    """The words of a folded or plain text."""
    return _WORD.findall(folded)


def _runs(words: list[str], length: int) -> frozenset[str]:
    return frozenset(" ".join(words[i : i + length]) for i in range(len(words) - length + 1))


@lru_cache(maxsize=2048)
def _paragraph(text: str) -> tuple[frozenset[str], frozenset[str]]:
    """All runs of `LENGTH` words, and all of one word fewer that have a next one."""
    words = word_list(fold(text))
    return _runs(words, LENGTH), _runs(words[:-1], LENGTH - 1)


class Secrets:
    """A prompt and its canary, cut up for comparison; ``spoken`` are the runs that may be said."""

    def __init__(self, prompt: str, canary: str, spoken: frozenset[str]) -> None:
        parts = [_paragraph(part) for part in prompt.split("\n\n")]
        self._runs = frozenset(chain.from_iterable(runs for runs, _ in parts)) - spoken
        self._nearly = frozenset(chain.from_iterable(nearly for _, nearly in parts))
        self.words = frozenset(chain.from_iterable(run.split() for run in self._runs))
        """A word that is not among them ends every run."""
        self.canary = "".join(word_list(fold(canary)))
        self.canary_start = fold(canary).strip()[:4]

    def is_leak(self, words: list[str]) -> bool:
        """Whether these `LENGTH` words stand so in the prompt."""
        return " ".join(words) in self._runs

    def may_leak(self, words: list[str]) -> bool:
        """Whether one more word after these could be a leak."""
        return " ".join(words) in self._nearly

    def kept_from(self, plain: str) -> Literal["canary", "prompt"] | None:
        """Which of the two a plain text gives away."""
        words = word_list(plain)
        if self.canary and self.canary in "".join(words):
            return "canary"
        return None if _runs(words, LENGTH).isdisjoint(self._runs) else "prompt"


secrets_of = lru_cache(maxsize=256)(Secrets)
"""`Secrets`, cut up once for each prompt."""


def runs_of(texts: list[str]) -> frozenset[str]:
    """All runs of `LENGTH` words of some texts."""
    return frozenset(chain.from_iterable(_paragraph(text)[0] for text in texts))
