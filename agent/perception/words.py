"""Leads' words in the form that rules and lists are written in."""

import unicodedata

_ALIKE = str.maketrans(
    {"¿": "", "¡": "", "’": "'", "‘": "'", "`": "'", "´": "'", "ß": "ss", "œ": "oe", "æ": "ae", "\u00a0": " "}
)


def folded(text: str) -> str:
    """``text`` in small letters, without accents, with plain apostrophes and single spaces."""
    text = text.lower()
    if text.isascii():
        return " ".join(text.replace("`", "'").split())
    text = text.translate(_ALIKE)
    if not text.isascii():
        text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return " ".join(text.split())
