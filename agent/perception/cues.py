"""Single words that point at an objection, from ``cues.toml``."""

import re
import tomllib
from collections.abc import Collection
from functools import cache
from pathlib import Path
from typing import get_args

from agent.playbook.schema import ObjectionType

_CUES: dict[str, dict[str, str]] = tomllib.loads(
    Path(__file__).with_name("cues.toml").read_text(encoding="utf-8")
)


@cache
def _pattern(kind: str, language: str) -> re.Pattern[str] | None:
    words = _CUES[kind].get(language, "").replace("*", r"\w*").split()
    return re.compile(rf"(?<![a-z0-9-])(?:{'|'.join(words)})(?![a-z0-9-])") if words else None


def cues(folded: str, languages: Collection[str]) -> dict[ObjectionType, float]:
    """What share of the message's cues points at each type of objection."""
    counts: dict[ObjectionType, int] = {}
    for kind in get_args(ObjectionType):
        patterns = (_pattern(kind, language) for language in languages)
        hits = {match for pattern in patterns if pattern for match in pattern.findall(folded)}
        if hits:
            counts[kind] = len(hits)
    total = sum(counts.values())
    return {kind: count / total for kind, count in counts.items()}
