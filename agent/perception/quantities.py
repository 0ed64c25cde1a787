"""Numbers in a lead's words: ``5k``, ``2.000 €``, ``ten thousand``, ``between 4 and 6k``."""

import re
import tomllib
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

_TABLE = tomllib.loads(Path(__file__).with_name("quantities.toml").read_text(encoding="utf-8"))


def _pairs(text: str) -> dict[str, float]:
    return {word: float(value) for word, value in (pair.split("=") for pair in text.split())}


_AMBIGUOUS = frozenset(_TABLE["values"].pop("ambiguous").split())
_VALUES = dict(chain.from_iterable(_pairs(text).items() for text in _TABLE["values"].values()))
_SCALES = _pairs(_TABLE["scales"]["words"])
_PERIODS = {
    name: re.compile(rf"(?<![a-z])(?:{'|'.join(entries)})(?![a-z])")
    for name, entries in _TABLE["periods"].items()
}
EARNING = frozenset(_TABLE["earning"]["words"].split())
"""Words that an income stands beside."""

_SIGN = r"[$€£¥]|usd|eur|euros?|gbp|chf|dollars?|bucks|pounds|dolares|dollari"
_DIGITS = r"\d{1,3}(?:[., ]\d{3})+(?![\d])|\d+(?:[.,]\d+)?"
_WORDS = "|".join(sorted(_VALUES, key=len, reverse=True))
_SCALE = "|".join(sorted(_SCALES, key=len, reverse=True))
_LONE = r"(?:a |ein |un )?(?:thousand|grand|tausend|mil|mille|duizend)(?![a-z])"
_QUANTITY = re.compile(
    rf"(?<![a-z\d.,])(?P<before>{_SIGN})? ?"
    rf"(?:(?P<lone>{_LONE})|(?P<digits>{_DIGITS})|(?P<word>(?:{_WORDS})(?![a-z])))"
    rf"(?: ?(?P<scale>{_SCALE})\.?(?![a-z]))?(?:ish)? ?(?P<after>{_SIGN})?(?P<percent> ?%)?(?![\d])"
)
_BETWEEN = re.compile(r"\s*(?:-|–|to|and|or|bis|und|oder|a|y|o|e|et|ou|à|tot|en|of)\s*")
_HOUR = r"(?:hour|stunde|hora|heure|ora|uur)"
_HALF_HOUR = re.compile(rf"(?<![a-z])(?:half an?|halbe|media|une demi|mezz'?)[ -]?{_HOUR}")
_AN_HOUR = re.compile(rf"(?<![a-z])(?:an|one|eine|una|une|un'|um|een)[ -]?{_HOUR}")
_AROUND = 2
_LIKE_MONEY = 100
_SHORT = 3
"""In a message of so many words a word of two languages is a number."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number in a folded text, or the middle of a span of two."""

    start: int
    end: int
    value: float
    money: bool
    """Whether it stands with a currency or a ``k``."""
    spelled: bool


def quantities(folded: str) -> list[Quantity]:
    """All of them, in their order; a span counts once, percentages and what hangs on a word do not."""
    found: list[Quantity] = []
    for match in _QUANTITY.finditer(folded):
        if match["percent"] or (match["word"] in _AMBIGUOUS and folded.count(" ") >= _SHORT):
            continue
        one = Quantity(
            match.start(),
            match.end(),
            _value(match),
            bool(match["before"] or match["after"] or match["scale"]),
            match["word"] is not None,
        )
        last = found[-1] if found else None
        if last and _BETWEEN.fullmatch(folded, last.end, one.start) and last.value <= one.value * 1000:
            found[-1] = _span(last, one, scaled=match["scale"] is not None)
        else:
            found.append(one)
    return found


def _value(match: re.Match[str]) -> float:
    scale = _SCALES[match["scale"]] if match["scale"] else 1.0
    if match["lone"]:
        return 1000.0
    if match["word"]:
        return _VALUES[match["word"]] * scale
    digits = match["digits"]
    if re.fullmatch(r"\d{1,3}(?:[., ]\d{3})+", digits):
        return float(re.sub(r"\D", "", digits)) * scale
    return float(digits.replace(",", ".")) * scale


def _span(low: Quantity, high: Quantity, *, scaled: bool) -> Quantity:
    first = low.value
    if scaled and first < high.value / 100:
        first *= 1000
    spelled = low.spelled and high.spelled
    return Quantity(low.start, high.end, (first + high.value) / 2, low.money or high.money, spelled)


def bare_quantity(folded: str) -> bool:
    """Whether the message is an amount with a word or two around it, such as "5 hours" or "about 3k"."""
    found = quantities(folded)
    if len(found) != 1 or found[0].spelled:
        return False
    around = folded[: found[0].start] + " " + folded[found[0].end :]
    return len(re.findall(r"[a-z]{2,}", around)) <= _AROUND


def only_an_amount(folded: str) -> bool:
    """Whether a clause is an amount of money and little else, such as "unos 3000 dólares al mes"."""
    found = quantities(folded)
    if len(found) != 1 or not (found[0].money or found[0].value >= _LIKE_MONEY):
        return False
    around = folded[: found[0].start] + " " + folded[found[0].end :]
    return len(re.findall(r"[a-z]{2,}", around)) <= _AROUND + 1


def period(folded: str) -> str | None:
    """The period that a text names: ``year``, ``week``, ``day`` or ``month``."""
    return next((name for name, pattern in _PERIODS.items() if pattern.search(folded)), None)


def an_hour(folded: str) -> float | None:
    """Hours without a number: "half an hour", "an hour"."""
    return 0.5 if _HALF_HOUR.search(folded) else 1.0 if _AN_HOUR.search(folded) else None
