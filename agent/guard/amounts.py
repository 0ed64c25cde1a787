"""Numbers in plain text: which are money, how much, and in what."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from agent.guard.vocabulary import CURRENCIES, alternatives, any_of, word_list

_CODES = word_list("currencies", "codes")
_CURRENCY = rf"(?:{'|'.join(_CODES)}|{'|'.join(pattern for pattern, _ in CURRENCIES)})"
_WRITTEN = [(re.compile(rf"(?:{pattern})\Z"), codes) for pattern, codes in CURRENCIES]

_NUMBER = r"(?:\d{1,3}(?: \d{3})+(?:[.,]\d{1,2})?(?!\d)|\d+(?:[.,']\d+)*)"
_SCALES = {
    "hundred": 1e2, "hundert": 1e2, "honderd": 1e2, "thousand": 1e3, "tausend": 1e3, "tsd": 1e3, "mille": 1e3,
    "mila": 1e3, "mil": 1e3, "duizend": 1e3, "grand": 1e3, "k": 1e3, "million": 1e6, "mio": 1e6, "m": 1e6,
}  # fmt: skip
_SCALE = rf"(?: ?(?:{'|'.join(_SCALES)})\.?(?![a-z]))"
_AFTER = r"[,.]?(?:-{1,2})? ?[)\"']? ?(?:-|:)? ?"
_MONEY = re.compile(
    rf"(?<![a-z])(?P<before>{_CURRENCY})(?![a-z]) ?[-:=(\"']{{0,2}} ?"
    rf"(?P<first>{_NUMBER})(?P<scale1>{_SCALE})?"
    rf"|(?<![\d.,])(?P<second>{_NUMBER})(?P<scale2>{_SCALE})?{_AFTER}(?:[a-z]+[ -])?"
    rf"(?P<after>{_CURRENCY})(?![a-z])(?! ?\d)"
    rf"|(?<![\d.,])(?P<third>{_NUMBER})(?P<scale3> ?-?grand)(?![a-z])"
)
_JOINED = re.compile(rf"(?<![a-z])(?P<before>{'|'.join(_CODES)})(?P<first>{_NUMBER})(?P<scale1>{_SCALE})?")

_SMALL, _BIG = alternatives("spelled", "small"), alternatives("spelled", "big")
_SPELLED = rf"(?:{_SMALL}|{_BIG})(?:[ -](?:and |und |et |y |e |en )?(?:{_SMALL}|{_BIG}))*"
SPELLED_BIG = any_of(rf"(?:{_SMALL}[ -])?{_BIG}(?:[ -](?:and |und |et |y |e |en )?(?:{_SMALL}|{_BIG}))*")
"""A number of twenty or more in words."""
SPELLED_MONEY = any_of(
    rf"{_SPELLED}[ -](?:[a-z]+[ -])?{alternatives('spelled', 'money')}", rf"(?:{_SMALL}|{_BIG}) ?[$€£]"
)
"""An amount of money with its number in words."""
_PERCENT = r"(?:%|percent|per cent|pct\.?|prozent\w*|por ?ciento|pour ?cent|per ?cento|por ?cento|procent)"
PERCENT = re.compile(rf"(?P<number>{_NUMBER}) ?-?{_PERCENT}|% ?(?P<turned>{_NUMBER})")
SPELLED_PERCENT = any_of(rf"{_SPELLED}[ -]?{_PERCENT}")
NUMBER = re.compile(rf"(?<![\d.,]){_NUMBER}{_SCALE}?")
_PARTS = re.compile(rf"(?P<number>{_NUMBER})(?P<scale>{_SCALE})?")


@dataclass(frozen=True, slots=True)
class Amount:
    """Money as it was written: where, how much in major units, and in which currencies it may be."""

    start: int
    end: int
    value: float | None
    """None for a number that cannot be read."""
    currencies: frozenset[str]


def value_of(number: str, scale: str | None = None) -> float | None:
    """The value of ``1,297.00``, ``1.297,00`` or ``5`` with ``k``; None for one that cannot be read."""
    number = number.replace(" ", "").replace("'", "")
    marks = [mark for mark in number if mark in ".,"]
    decimal = marks[-1] if marks else ""
    if len(set(marks)) == 1:
        tail = number.rsplit(decimal, 1)[1]
        if len(marks) > 1 or (len(tail) == 3 and not number.startswith("0")):
            decimal = ""
    whole, _, fraction = number.rpartition(decimal) if decimal else (number, "", "")
    groups = re.split(r"[.,]", whole)
    if len(groups) > 1 and (len(groups[0]) > 3 or any(len(group) != 3 for group in groups[1:])):
        return None
    value = float(f"{''.join(groups)}.{fraction or 0}")
    return value * _SCALES[scale.strip(" .-")] if scale else value


def number_value(text: str) -> float | None:
    """The value of a match of `NUMBER`."""
    parts = _PARTS.match(text)
    return value_of(parts["number"], parts["scale"]) if parts else None


def _currencies(written: str) -> frozenset[str]:
    if written in _CODES:
        return frozenset((written.upper(),))
    return next((codes for pattern, codes in _WRITTEN if pattern.match(written)), frozenset())


def amounts(text: str) -> Iterator[Amount]:
    """All amounts of money in figures."""
    text, taken = PERCENT.sub(lambda m: "#" * len(m[0]), text), 0
    for match in sorted((*_MONEY.finditer(text), *_JOINED.finditer(text)), key=lambda m: m.start()):
        if match.start() < taken:
            continue
        groups = match.groupdict()
        number, scale = groups["first"], groups.get("scale1")
        currency = groups["before"]
        if number is None:
            number, scale, currency = groups["second"], groups["scale2"], groups["after"]
        if number is None:
            number, scale, currency = groups["third"], groups["scale3"], "$"
        taken = match.end()
        yield Amount(match.start(), taken, value_of(number, scale), _currencies(currency))
