"""Which offer is shown: the one that was asked for, else the one whose ``ideal_for`` fits best.

Both go by the playbook's ids. A lead's words can point at an offer, and never change one.
"""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass

from agent.playbook.cache import per_playbook
from agent.playbook.schema import Offer, Playbook
from agent.responders.base import Brief
from agent.scoring import Fields
from agent.state import ConversationState
from agent.transcript import newest_words

_AMOUNT = r"[^\d\s]{0,3}\s?(\d+(?:[.,]\d{3})*(?:[.,]\d{1,2})?)\s?(k\b)?"
_RANGE = re.compile(rf"{_AMOUNT}\s?(?:-|–|to|and|bis|à|a)\s?{_AMOUNT}", re.IGNORECASE)
_BELOW = re.compile(rf"\b(?:under|below|less than|up to|unter|bis)\b\D{{0,12}}?{_AMOUNT}", re.IGNORECASE)
_ABOVE = re.compile(rf"\b(?:over|above|more than|at least|from|über|ab)\b\D{{0,12}}?{_AMOUNT}", re.IGNORECASE)
_PART = re.compile(r"[^\W\d_]+|\d+")
_WORD = re.compile(r"[^\W\d_]{4,}")
_IN_RANGE, _OUT_OF_RANGE = 100, -100


@dataclass(frozen=True, slots=True)
class _Ideal:
    """Who an offer is for, as far as code can tell: a span of money in major units, and words."""

    offer: Offer
    low: float
    high: float
    words: frozenset[str]


def offer_at_hand(state: ConversationState, brief: Brief) -> Offer:
    """The offer that this turn is about: named just now, else chosen, else shown, else the best fit."""
    playbook = brief.playbook
    named = named_offer(playbook, newest_words(brief.messages))
    earlier = playbook.offer(state.get("offer_chosen") or state.get("offer_shown") or "")
    return named or earlier or best_offer(playbook, brief.fields)


def best_offer(playbook: Playbook, fields: Fields) -> Offer:
    """The offer whose span holds the lead's money and whose words are the lead's; else the first."""
    money = _money(playbook, fields)
    words = _words(value for value in fields.values() if isinstance(value, str))
    return max(_ideals(playbook), key=lambda ideal: _fit(ideal, money, words)).offer


def named_offer(playbook: Playbook, text: str) -> Offer | None:
    """The one offer that ``text`` names: by its name, by those words of its name that no other offer has
    (two at least), or by its id (``option2`` also as "option 2")."""
    said = _spaced(text)
    named = [offer for offer in playbook.offers if any(name in said for name in _names(playbook, offer))]
    return named[0] if len(named) == 1 else None


def _names(playbook: Playbook, offer: Offer) -> list[str]:
    others = {word for other in playbook.offers if other != offer for word in _spaced(other.name).split()}
    own = [word for word in _spaced(offer.name).split() if word not in others]
    short = [_spaced(" ".join(own))] if len(own) > 1 else []
    return [_spaced(offer.name), _spaced(offer.id), *short]


def _fit(ideal: _Ideal, money: float | None, words: frozenset[str]) -> int:
    span = 0
    if money is not None and (ideal.low, ideal.high) != (0, math.inf):
        span = _IN_RANGE if ideal.low <= money < ideal.high else _OUT_OF_RANGE
    return span + len(ideal.words & words)


def _money(playbook: Playbook, fields: Fields) -> float | None:
    for question in playbook.questions:
        value = fields.get(question.field)
        if question.kind == "money" and isinstance(value, (int, float)) and not isinstance(value, bool):
            return value
    return None


@per_playbook
def _ideals(playbook: Playbook) -> tuple[_Ideal, ...]:
    return tuple(
        _Ideal(offer, *_span(offer.ideal_for), _words([offer.ideal_for])) for offer in playbook.offers
    )


def _span(text: str) -> tuple[float, float]:
    if found := _RANGE.search(text):
        return _amount(found[1], found[2]), _amount(found[3], found[4])
    if found := _BELOW.search(text):
        return 0, _amount(found[1], found[2])
    if found := _ABOVE.search(text):
        return _amount(found[1], found[2]), math.inf
    return 0, math.inf


def _amount(digits: str, thousands: str | None) -> float:
    whole = re.sub(r"[.,](?=\d{3}\b)", "", digits).replace(",", ".")
    return float(whole) * (1000 if thousands else 1)


def _words(texts: Iterable[str]) -> frozenset[str]:
    return frozenset(word.casefold() for text in texts for word in _WORD.findall(text))


def _spaced(text: str) -> str:
    """Words and numbers apart, with a space on either side: "Option2!" as " option 2 "."""
    return f" {' '.join(_PART.findall(text.casefold()))} "
