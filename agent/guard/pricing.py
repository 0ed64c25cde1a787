"""Whether an amount of money is one of a playbook's prices, for the offer and the billing it is said of."""

import re

from agent.guard.amounts import Amount
from agent.guard.text import plain
from agent.guard.vocabulary import group
from agent.playbook.prices import minor_digits
from agent.playbook.schema import Offer, Playbook

_BILLING = {"month": group("monthly"), "year": group("yearly"), "other": group("otherwise_paid")}
_BILLING_REACH = 24
"""So many characters after a price its billing may stand."""
_AND = "and|but|while|or|und|aber|oder|y|pero|et|mais|ma|mas|en|maar"
_CLAUSE = re.compile(rf"[,;:()]|\.(?=\s|\Z)| - |\n|(?<![a-z])(?:{_AND})(?![a-z])")
_OTHER_OFFER = group("other_offer")


class PriceList:
    """The offers of a playbook by what they are called and cost."""

    def __init__(self, playbook: Playbook) -> None:
        self._offers = [(offer, _called(offer)) for offer in playbook.offers]
        self.values = frozenset(offer.price / 10 ** minor_digits(offer.currency) for offer in playbook.offers)

    def names_one(self, text: str) -> bool:
        """Whether a plain text speaks of an offer by name or id."""
        return bool(self.spans(text))

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Where it does: a number in a name is none to wonder about."""
        return [match.span() for _, name in self._offers for match in name.finditer(text)]

    def has(self, text: str, amount: Amount) -> bool:
        """Whether ``amount`` is, where it stands in the plain sentence ``text``, a true price."""
        meant = self._meant(text, amount)
        after = text[amount.end : amount.end + _BILLING_REACH]
        return any(_costs(offer, amount) and _billed(offer, after) for offer in meant)

    def _meant(self, text: str, amount: Amount) -> list[Offer]:
        """The offers that the amount's clause names, else the only one named before it, else all."""
        cuts = [0, *(match.end() for match in _CLAUSE.finditer(text)), len(text)]
        start = max(cut for cut in cuts if cut <= amount.start)
        end = min(cut for cut in cuts if cut >= amount.end)
        in_clause = [offer for offer, name in self._offers if name.search(text, start, end)]
        before = [offer for offer, name in self._offers if name.search(text, 0, amount.start)]
        only = len(before) == 1 and not _OTHER_OFFER.search(text)
        return in_clause or (before if only else [offer for offer, _ in self._offers])


def _called(offer: Offer) -> re.Pattern[str]:
    name = re.escape(plain(offer.name).strip())
    identifier = re.sub(r"_|(?<=[a-z])(?=\d)", "[ _-]?", offer.id)
    return re.compile(rf"(?<![a-z0-9])(?:{name}|{identifier})(?![a-z0-9])")


def _costs(offer: Offer, amount: Amount) -> bool:
    if amount.value is None or offer.currency not in amount.currencies:
        return False
    return offer.price == round(amount.value * 10.0 ** minor_digits(offer.currency), 4)


def _billed(offer: Offer, after: str) -> bool:
    after = re.split(r"[,;!?\n]|\. |(?<![a-z])(?:and|for|und|y|et)(?![a-z])", after, maxsplit=1)[0]
    named = next((billing for billing, pattern in _BILLING.items() if pattern.search(after)), None)
    return named is None or named == offer.billing
