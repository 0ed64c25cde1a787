"""The language that a playbook is written in."""

import re
from collections import Counter

from agent.playbook.cache import per_playbook
from agent.playbook.schema import Playbook
from agent.responders.scripted.words import SMALL, folded

_WORD = re.compile(r"[^\W\d_]+")
_LEAST = 0.15
"""The share of a text that its language's small words make up; a related language has about half of it."""


@per_playbook
def written_in(playbook: Playbook) -> str | None:
    """ISO 639-1, as far as its small words tell."""
    texts = (playbook.opening, playbook.business, *(question.question for question in playbook.questions))
    words = Counter(_WORD.findall(folded(" ".join(texts))))
    hits = {language: sum(words[word] for word in small) for language, small in SMALL.items()}
    likeliest = max(hits, key=lambda language: hits[language])
    return likeliest if hits[likeliest] >= _LEAST * words.total() else None
