"""What leads write, recognised by lists of words: topics of questions, cues, and themes of answers."""

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from pathlib import Path

_LISTS = tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8"))
SMALL: Mapping[str, frozenset[str]] = {
    language: frozenset(words) for language, words in _LISTS["small"].items()
}
"""By language, folded: words that say little by themselves."""
_SIGNS = str.maketrans({"’": "'", "`": "'", "´": "'", "¿": " ", "¡": " "})
_NEGATION = re.compile(
    r"(?:\b(?:no|not|never|without|nicht|kein\w*|nie|ohne|sin|nunca|pas|jamais|sans)|n't) (?:\S+ ){0,2}$"
)
_NEGATION_REACH = 30
"""Characters before a word in which a negation still means that word."""
_GREETING_WORDS = 3
_MARKS = " ,.!?:;()-"


def _compiled(section: str) -> dict[str, re.Pattern[str]]:
    return {
        name: re.compile(rf"(?<!\w)(?:{'|'.join(word for words in lists.values() for word in words)})(?!\w)")
        for name, lists in _LISTS[section].items()
    }


_TOPICS, _CUES, _THEMES = _compiled("topics"), _compiled("cues"), _compiled("themes")


def folded(text: str) -> str:
    """``text`` in small letters without accents, on one line."""
    plain = " ".join(text.translate(_SIGNS).casefold().split())
    if plain.isascii():
        return plain
    return "".join(char for char in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(char))


def topics(text: str) -> list[str]:
    """The topics that the folded ``text`` touches, in its order; a particular one hides a general one."""
    found: list[tuple[int, str]] = []
    for name, pattern in _TOPICS.items():
        if hit := pattern.search(text):
            found.append((hit.start(), name))
            text = text[: hit.start()] + "#" * len(hit[0]) + text[hit.end() :]
    return [name for _, name in sorted(found)]


def touches(text: str, topic: str) -> bool:
    """Whether the folded ``text`` touches this topic."""
    return _TOPICS[topic].search(text) is not None


def has(text: str, cue: str) -> bool:
    """Whether the cue stands anywhere in the folded ``text``."""
    return _CUES[cue].search(text) is not None


def begins(text: str, cue: str) -> bool:
    """Whether the folded ``text`` begins with the cue."""
    return _CUES[cue].match(text.lstrip(_MARKS)) is not None


def only_greets(text: str) -> bool:
    """Whether the folded ``text`` is a greeting and little more."""
    return begins(text, "greeting") and len(text.split()) <= _GREETING_WORDS


def themes(text: str) -> Iterator[str]:
    """What the folded ``text`` is about; what it denies is left out."""
    for name, pattern in _THEMES.items():
        found = pattern.search(text)
        if found and not _NEGATION.search(text[max(0, found.start() - _NEGATION_REACH) : found.start()]):
            yield name
