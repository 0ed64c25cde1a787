"""What a message says by its words: rules from ``rules.toml`` and ``doubts.toml``."""

import re
import tomllib
from collections.abc import Collection, Iterable
from functools import cache
from pathlib import Path
from typing import get_args

from agent.playbook.schema import ObjectionType

_HERE = Path(__file__).parent
_RULES: dict[str, dict[str, list[str]]] = tomllib.loads((_HERE / "rules.toml").read_text(encoding="utf-8"))
_DOUBTS: dict[str, dict[str, list[str]]] = tomllib.loads((_HERE / "doubts.toml").read_text(encoding="utf-8"))


LANGUAGES = frozenset(_RULES["yes"])
"""The languages that there are rules for."""


@cache
def _anywhere(label: str, languages: frozenset[str]) -> re.Pattern[str] | None:
    return _words(entry for language in languages for entry in _RULES[label].get(language, ()))


@cache
def _doubt(kind: ObjectionType, language: str) -> re.Pattern[str] | None:
    return _words(_DOUBTS[kind].get(language, ()))


def _words(entries: Iterable[str]) -> re.Pattern[str] | None:
    either = "|".join(entries)
    return re.compile(rf"(?<![a-z0-9])(?:{either})(?![a-z0-9])") if either else None


@cache
def _alone(label: str) -> re.Pattern[str]:
    entries = "|".join(entry for entries in _RULES[label].values() for entry in entries)
    return re.compile(rf"(?:{entries})(?:[ ,.!]+(?:{entries}))*[^a-z0-9]*")


@cache
def _first(label: str) -> re.Pattern[str]:
    entries = "|".join(entry for entries in _RULES[label].values() for entry in entries)
    return re.compile(rf"(?:{entries})(?![a-z0-9'])[^a-z0-9]*")


def says(label: str, folded: str, languages: frozenset[str]) -> bool:
    """Whether a rule for ``label`` in one of ``languages`` finds its words."""
    pattern = _anywhere(label, languages)
    return pattern is not None and pattern.search(folded) is not None


def says_only(label: str, folded: str) -> bool:
    """Whether the message is nothing but a ``yes`` or a ``no``, in any language."""
    return bool(_alone(label).fullmatch(folded))


def begins_with(label: str, folded: str) -> str | None:
    """The rest of a message that begins with a ``yes_first`` or a ``no``; None for any other."""
    match = _first(label).match(folded)
    return folded[match.end() :] if match else None


def doubts(folded: str, languages: Collection[str]) -> dict[ObjectionType, int]:
    """How many letters of the message speak for each type of objection that is found in it."""
    found: dict[ObjectionType, int] = {}
    for kind in get_args(ObjectionType):
        patterns = (_doubt(kind, language) for language in languages)
        length = sum(len(m[0]) for pattern in patterns if pattern for m in pattern.finditer(folded))
        if length:
            found[kind] = length
    return found
