"""The language that a playbook is written in."""

import re
from collections import Counter

from agent.playbook.cache import per_playbook
from agent.playbook.schema import Playbook
from agent.responders.scripted.words import SMALL, folded

_WORD = re.compile(r"[^\W\d_]+")
_ENOUGH = 5


@per_playbook
def written_in(playbook: Playbook) -> str | None:
    """ISO 639-1, as far as its small words tell."""
    texts = (playbook.opening, playbook.business, *(question.question for question in playbook.questions))
    counted = Counter(_WORD.findall(folded(" ".join(texts))))
    hits = {language: sum(counted[word] for word in words) for language, words in SMALL.items()}
    likeliest = max(hits, key=lambda language: hits[language])
    return likeliest if hits[likeliest] >= _ENOUGH else None
