"""Which language a lead writes in: by common words and letters, without a model."""

import re
import tomllib
from collections.abc import Iterable
from pathlib import Path

from agent.perception.words import folded

_COMMON, _SURE = 1.0, 2.0
_ENOUGH = 2.0
"""The least that is taken for a language."""
_AHEAD = 0.5
"""By so much it must lead the next one."""

_LETTERS = {
    "de": frozenset("äöüß"),
    "es": frozenset("ñ¿¡"),
    "fr": frozenset("çœêèùîû"),
    "pt": frozenset("ãõç"),
    "it": frozenset("òìù"),
}
_SCRIPTS = (
    ("ja", re.compile(r"[\u3040-\u30ff]")),
    ("ko", re.compile(r"[\uac00-\ud7af\u1100-\u11ff]")),
    ("zh", re.compile(r"[\u4e00-\u9fff]")),
    ("uk", re.compile(r"[іїєґІЇЄҐ]")),
    ("ru", re.compile(r"[\u0400-\u04ff]")),
    ("el", re.compile(r"[\u0370-\u03ff]")),
    ("he", re.compile(r"[\u0590-\u05ff]")),
    ("ar", re.compile(r"[\u0600-\u06ff]")),
    ("th", re.compile(r"[\u0e00-\u0e7f]")),
    ("hi", re.compile(r"[\u0900-\u097f]")),
)
_WORD = re.compile(r"[a-z]+(?:['-][a-z]+)*")


def _weights() -> dict[str, list[tuple[str, float]]]:
    """Each known word with the languages that it speaks for."""
    table = tomllib.loads(Path(__file__).with_name("languages.toml").read_text(encoding="utf-8"))
    known: dict[str, list[tuple[str, float]]] = {}
    for language, lists in table.items():
        sure = set(lists["sure"].split())
        for word in {*lists["common"].split(), *sure}:
            known.setdefault(word, []).append((language, _SURE if word in sure else _COMMON))
    return known


_WEIGHTS = _weights()


def detect(text: str) -> str | None:
    """The ISO 639-1 code of the language of ``text``; None where it could be several."""
    if not text.isascii() and (language := _by_script(text)):
        return language
    scores: dict[str, float] = {}
    for word in _WORD.findall(folded(text)):
        for language, weight in _WEIGHTS.get(word, ()):
            scores[language] = scores.get(language, 0) + weight
    if not text.isascii():
        for language, letters in _LETTERS.items():
            if not letters.isdisjoint(text.lower()):
                scores[language] = scores.get(language, 0) + _SURE / 2
    best = max(scores, key=lambda language: scores[language], default="")
    next_best = max((score for language, score in scores.items() if language != best), default=0.0)
    return best if scores.get(best, 0) >= max(_ENOUGH, next_best + _AHEAD) else None


def _by_script(text: str) -> str | None:
    letters = sum(map(str.isalpha, text))
    return next((language for language, script in _SCRIPTS if len(script.findall(text)) * 2 > letters), None)


def language_before(earlier: Iterable[str]) -> str:
    """The last known language, for a message such as "ok" or "Instagram"; the latest text comes first."""
    return next((found for text in earlier if (found := detect(text))), "en")
