"""What one playbook lets an agent say about money and promises."""

import re
from collections.abc import Collection
from dataclasses import replace
from functools import partial
from typing import Literal

from agent.guard.amounts import (
    PERCENT,
    SPELLED_MONEY,
    SPELLED_PERCENT,
    Amount,
    amounts,
)
from agent.guard.counting import uncounted
from agent.guard.negation import refused
from agent.guard.pricing import PriceList
from agent.guard.spoken import Said, bare, content, families, percent_value, restated, said, sentences, spoken
from agent.guard.text import plain
from agent.guard.triggers import TAIL, before_openers, beginnings, trigger_pattern
from agent.guard.vocabulary import COMMERCIAL, PITCH, RESULTS, REVENUE, Family, group
from agent.playbook.cache import per_playbook
from agent.playbook.schema import Playbook

Kind = Literal["price", "discount", "guarantee", "link", "canary", "prompt"]

_KINDS: dict[Family, Kind] = {
    "discount": "discount", "free": "discount", "bonus": "discount", "terms": "price",
    "refund": "guarantee", "guarantee": "guarantee", "promise": "guarantee",
}  # fmt: skip
_WEIGHT = group("weight")
_EARNED = group("earned")
_TAKEN_BACK = group("taken_back")
_SOLD_FOR = re.compile(rf"{group('sold_for').pattern} ?(?:the|your|a|about|around)? ?\Z")
_ONE = re.compile(r"(?:a|an|one|ein\w*|un\w?|um\w?|een|few|several|(?:a )?(?:few|couple of))[ -]\w+")
_TORN = re.compile(
    r"(?:\d\s*[.!?]+\s+|\d ?\n)(?:dollars?|euros?|bucks?|usd|eur|pounds|[$€£])|[$€£]\s*\n\s*\d"
)
_MOST = 0.85
"""Of the weighty words of what must never be promised so many make the promise."""
_PIECES = 20_000
"""So many pieces are remembered as quiet or not."""
_FEW_WORDS = 4
"""A fragment of so many words is read together with the sentence before it."""


class Policy:
    """What a playbook allows, compiled once. Texts come in as `agent.guard.text.plain` leaves them."""

    def __init__(self, playbook: Playbook) -> None:
        self._prices = PriceList(playbook)
        self._spoken = spoken(playbook)
        self._never = tuple(_weighty(phrase) for phrase in playbook.never_promise)
        starts = frozenset(stems[0] for stems in self._never if stems)
        self.trigger = trigger_pattern(starts)
        self._beginnings = beginnings(starts)
        self._quiet: dict[str, bool] = {}
        self._gbp = any(offer.currency == "GBP" for offer in playbook.offers)

    def tail_start(self, folded: str, since: int) -> int:
        """Where the end of a folded text begins that may yet become a trigger."""
        tail = TAIL.search(folded, since)
        if tail is None or (tail["word"] and tail["word"] not in self._beginnings):
            return len(folded)
        return before_openers(folded, tail.start())

    def is_quiet(self, piece: str) -> bool:
        """Whether a piece is a space and a word of ASCII letters that begins no trigger and is none."""
        known = self._quiet.get(piece)
        if known is None:
            word = piece[1:].lower()
            known = piece[:1] == " " and piece.isascii() and word.isalpha() and word not in self._beginnings
            known = known and not self.trigger.search(piece.lower() + " ")
            if len(self._quiet) >= _PIECES:
                self._quiet.clear()
            self._quiet[piece] = known
        return known

    def fault(self, text: str, previous: str, known: Collection[float]) -> Kind | None:
        """What is wrong with a plain text of one or more sentences, if anything.

        ``previous`` is the sentence before it, ``known`` the money that the lead named (major units).
        """
        for sentence in sentences(text):
            fault = None if self._verbatim(sentence) else self._sentence_fault(sentence, previous, known)
            if fault:
                return fault
            previous = sentence
        if _TORN.search(text):
            joined = text.replace("\n", " ")
            return None if all(self._prices.has(joined, a) for a in amounts(joined)) else "price"
        return None

    def _verbatim(self, sentence: str) -> bool:
        own = bare(sentence)
        return len(own.split()) > 2 and any(own in text for text in self._spoken.plain)

    def _sentence_fault(self, text: str, previous: str, known: Collection[float]) -> Kind | None:
        new = said(text)
        again = partial(restated, self._spoken, text)
        found = list(amounts(text))
        if kind := self._commitment_fault(text, new):
            return kind
        if self._percent_fault(text, new):
            return "discount"
        if self._never_fault(text):
            return "guarantee"
        wrong = any(self._amount_fault(text, amount, known) for amount in found)
        if wrong or self._spelled_fault(text) or self._bare_fault(text, previous, found):
            return None if again(new) else "price"
        return None

    # money

    def _amount_fault(self, text: str, amount: Amount, known: Collection[float]) -> bool:
        if self._prices.has(text, amount) or self._is_weight(text, amount):
            return False
        told = (amount.value in known and REVENUE.search(text)) or (
            amount.value in self._spoken.money and _EARNED.search(text)
        )
        selling = COMMERCIAL.search(text) or _SOLD_FOR.search(text[: amount.start])
        return not told or bool(selling) or self._prices.names_one(text)

    def _is_weight(self, text: str, amount: Amount) -> bool:
        pounds = re.search(r"\d ?pounds?\Z", text[amount.start : amount.end])
        return bool(pounds and not self._gbp and _WEIGHT.search(text))

    @staticmethod
    def _spelled_fault(text: str) -> bool:
        return any(
            not _ONE.fullmatch(match[0]) or _SOLD_FOR.search(text[: match.start()])
            for match in SPELLED_MONEY.finditer(text)
        )

    def _bare_fault(self, text: str, previous: str, found: list[Amount]) -> bool:
        around = f"{previous} {text}" if len(text.split()) <= _FEW_WORDS else text
        priced = any(self._prices.has(text, amount) for amount in found) or self._prices.names_one(text)
        if not (priced or COMMERCIAL.search(around) or PITCH.search(around)):
            return False
        taken = [(amount.start, amount.end) for amount in found] + self._prices.spans(text)
        taken += [match.span() for match in PERCENT.finditer(text)]
        return any(value not in self._prices.values for _, _, value in uncounted(text, taken))

    # percentages and commitments

    def _percent_fault(self, text: str, new: Said) -> bool:
        for match in PERCENT.finditer(text):
            value = percent_value(match)
            harmless = (value == 100 and not new.families) or self._own_percent(value, new)
            if not harmless and not refused(text, *match.span()):
                return True
        return bool(SPELLED_PERCENT.search(text)) and not restated(self._spoken, text, new)

    def _own_percent(self, value: float | None, new: Said) -> bool:
        return value in self._spoken.percents and any(
            (value, "") in old.measured and new.families <= old.families and old.commercial >= new.commercial
            for old in self._spoken.said
        )

    def _commitment_fault(self, text: str, new: Said) -> Kind | None:
        made = [
            family
            for family, spans in families(text).items()
            if not (family == "promise" and not RESULTS.search(text))
            and not all(refused(text, start, end) for start, end in spans)
        ]
        if not made or self._own(text, replace(new, families=frozenset(made))):
            return None
        return _KINDS[made[0]]

    def _own(self, text: str, new: Said) -> bool:
        """Whether it is the playbook's own commitment; a true price may stand beside it."""
        prices = {(value, "") for value in self._prices.values}
        return restated(self._spoken, text, replace(new, measured=new.measured - prices))

    def _never_fault(self, text: str) -> bool:
        if text.endswith("?") or _TAKEN_BACK.search(text):
            return False
        words = content(text)
        for stems in self._never:
            hit = [stem for stem in stems if stem in words]
            start = text.find(hit[0]) if hit else 0
            if hit and len(hit) >= _MOST * len(stems) and not refused(text, start, start + 1):
                return True
        return False


def _weighty(phrase: str) -> tuple[str, ...]:
    """The beginnings of a phrase's weighty words, in its order."""
    phrase = plain(phrase)
    return tuple(sorted(content(phrase), key=phrase.find))


@per_playbook
def policy_for(playbook: Playbook) -> Policy:
    """The policy of a playbook, compiled at its first use."""
    return Policy(playbook)
