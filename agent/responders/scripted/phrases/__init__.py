"""The scripted agent's own words, one file for each language; nothing that is sold is in here."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

Phrases = Mapping[str, tuple[str, ...]]
"""Kinds of phrases, each with its variants."""

LANGUAGES = ("en", "de", "es", "fr")


@cache
def phrases_for(language: str) -> Phrases:
    """The phrases of one of `LANGUAGES`."""
    file = Path(__file__).with_name(f"{language}.toml")
    lists = tomllib.loads(file.read_text(encoding="utf-8"))
    return {kind: tuple(variants) for kind, variants in lists.items()}
