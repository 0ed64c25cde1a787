"""Leads' words in the form that rules and lists are written in."""

import unicodedata

_ALIKE = str.maketrans(
    {"¿": "", "¡": "", "’": "'", "‘": "'", "`": "'", "´": "'", "ß": "ss", "œ": "oe", "æ": "ae", "\u00a0": " "}
)


def folded(text: str) -> str:
    """``text`` in small letters, without accents, with plain apostrophes and single spaces."""
    text = unicodedata.normalize("NFKD", text.lower().translate(_ALIKE))
    return " ".join("".join(char for char in text if not unicodedata.combining(char)).split())
