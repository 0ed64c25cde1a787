"""What a message answers to: an open question of the playbook, or an offer."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from agent.perception.words import folded
from agent.playbook.cache import per_playbook
from agent.playbook.prices import amount_text
from agent.playbook.schema import FieldValue, Playbook, Question
from agent.responders.base import Message

_LINK = re.compile(r"(?<![a-z])(?:link|enlace|lien|checkout)(?![a-z])|https?://")
_WORD = re.compile(r"[a-z]{4,}")
_SENTENCE = re.compile(r"[^.!?\n]*\?")
_SAME = 0.5
"""The share of a question's words that its rendering must keep to be taken for it."""


@dataclass(frozen=True, slots=True)
class Setting:
    """Where the newest message came."""

    question: Question | None
    """The question that is open."""
    pitched: bool
    """Whether the agent has just shown an offer or its link."""


def setting(
    playbook: Playbook, messages: Sequence[Message], asked: Sequence[str], fields: Mapping[str, FieldValue]
) -> Setting:
    """Read it off the agent's last message and the questions that were put."""
    last = next((message.content for message in reversed(messages) if message.role == "ai"), "")
    question = playbook.question_for(asked[-1]) if asked else None
    said = folded(last)
    pitched = bool(_LINK.search(said) or any(sign in said for sign in _signs(playbook)))
    if question and (question.field in fields or pitched) and not _puts(last, question):
        question = None
    return Setting(question, pitched and question is None)


@per_playbook
def _signs(playbook: Playbook) -> tuple[str, ...]:
    """What a message about an offer holds: its name or its price."""
    amounts = (
        amount_text(offer.price, offer.currency, language)
        for offer in playbook.offers
        for language in ("en", "de", "fr", "nl")
    )
    return tuple({*(folded(offer.name) for offer in playbook.offers), *map(folded, amounts)})


def _puts(text: str, question: Question) -> bool:
    """Whether the last question in ``text`` is this one, as far as its words tell."""
    put = _SENTENCE.findall(folded(text))
    words = _words(question.question)
    return bool(put and words) and len(words.intersection(_WORD.findall(put[-1]))) >= _SAME * len(words)


@lru_cache(maxsize=1000)
def _words(question: str) -> frozenset[str]:
    return frozenset(_WORD.findall(folded(question)))
