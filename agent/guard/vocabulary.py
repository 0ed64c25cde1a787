"""The words of money and promises in seven languages, from ``words.toml``."""

import re
import tomllib
from pathlib import Path
from typing import Literal

from agent.guard.text import plain

Family = Literal["discount", "free", "bonus", "refund", "guarantee", "promise", "terms"]
"""One kind of commitment."""

_WORDS = tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8"))


def any_of(*alternatives: str) -> re.Pattern[str]:
    """A pattern for any of the alternatives as whole words of a plain text."""
    return re.compile(rf"(?<![a-z])(?:{'|'.join(alternatives)})(?![a-z])")


def word_list(section: str, name: str) -> tuple[str, ...]:
    """The words of a list in ``words.toml``."""
    return tuple(str(_WORDS[section][name]).split())


def _plain(entry: str) -> str:
    """An entry with other scripts in it, as `plain` leaves them."""
    return "".join(char if char.isascii() or char in "€£¥₹₺₴₪₩₽฿₫₦₱¢" else plain(char) for char in entry)


def _pattern(by_language: dict[str, list[str]]) -> re.Pattern[str]:
    return any_of(*(_plain(entry) for entries in by_language.values() for entry in entries))


def alternatives(section: str, name: str) -> str:
    """The entries of a list of regular expressions as one alternative."""
    return f"(?:{'|'.join(_WORDS[section][name])})"


CURRENCIES = tuple(
    (_plain(entry["pattern"]), frozenset(entry["codes"].split())) for entry in _WORDS["currencies"]["written"]
)
"""What is written for a currency, with the codes that it may stand for."""


def group(name: str) -> re.Pattern[str]:
    """The pattern of a group of words in ``words.toml``."""
    return _pattern(_WORDS["groups"][name])


FAMILIES: dict[Family, re.Pattern[str]] = {
    family: _pattern(entries) for family, entries in _WORDS["families"].items()
}
"""What finds a mention of each kind of commitment."""
HARMLESS = group("harmless")
"""Sayings that only look like a discount or something free."""
RESULTS = group("results")
"""What a promise would be about."""
LASTING = group("lasting")
"""What makes a commitment larger than it was."""
COMMERCIAL = group("commercial")
"""Words that make an amount a price."""
PITCH = group("pitch")
"""Words that turn even a bare number into a bid."""
REVENUE = group("revenue")
"""Words of what the lead earns."""
