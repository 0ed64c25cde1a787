"""Two readings of a text: one letter for letter as it streams, one plain for judging a sentence."""

import html
import re
import unicodedata

ODD = "\x00"
"""Stands for a character that could hide something: it makes the guard hold back and look closely."""

WIDE_STOP = "\x1e"
"""Stands for the full stop of a script without spaces."""

_ASIDE = {
    **dict.fromkeys("•·●▪◦✓✔→★☆\ufe0f", "*"),
    **dict.fromkeys("’‘‚´‹›", "'"),
    **dict.fromkeys("“”„«»", '"'),
    **dict.fromkeys("–—‑‐−", "-"),
    **dict.fromkeys("\u00a0\u202f\u2009", " "),
    **dict.fromkeys("¿¡", "("),
    **dict.fromkeys("。．！？", WIDE_STOP),
    **dict.fromkeys("€£¥¢", "$"),
    **dict(zip("…ßøæœłđ", ".soaold", strict=True)),
    **dict(zip("ØÆŒŁĐ", "oaold", strict=True)),
}
_TELLING = frozenset("🆓💲💯🔟🆒🔢")
"""Pictures that say a number, money or "free"."""


class _Fold(dict[int, str]):
    """One character to one: lower case, without accents; worked out when first met."""

    def __missing__(self, code: int) -> str:
        self[code] = folded = _folded(chr(code))
        return folded


def _folded(char: str) -> str:
    if char in _ASIDE:
        return _ASIDE[char]
    if char.isascii():
        return char.lower()
    if 0x1F300 <= ord(char) <= 0x1FAFF or 0x2600 <= ord(char) <= 0x27BF:
        return ODD if char in _TELLING else "*"
    base = unicodedata.normalize("NFD", char)[0]
    return base.lower() if base.isascii() and base.isalpha() else ODD


_FOLD = _Fold()


def fold(text: str) -> str:
    """``text`` in lower case and without accents, each character still at its place."""
    return text.lower() if text.isascii() else text.translate(_FOLD)


_LOOKALIKES = str.maketrans(
    {
        **dict(zip("авекмнорстухд", "abekmhopctyxd", strict=True)),
        **dict(zip("іѕјԁԛԝһӏ", "isjdqwhl", strict=True)),
        **dict(zip("αβεηικνορτυχγ", "abenikvoptuxy", strict=True)),
        **dict(zip("ıɡłøđ", "iglod", strict=True)),
        **dict.fromkeys("⁄∕", "/"),
        **dict.fromkeys("。｡", "."),
        **dict.fromkeys("–—‑‐−", "-"),
        **dict.fromkeys("’‘‚´", "'"),
        **dict.fromkeys("“”„«»", '"'),
        "ß": "ss",
        "æ": "ae",
        "œ": "oe",
    }
)
_SPOKEN_SIGNS = {"🆓": " free ", "💲": "$", "💯": "100", "🔟": "10", "٪": "%", "‰": "%", "…": "... "}
_TAG = re.compile(r"<!--.*?-->|</?[a-zA-Z][^<>]{0,200}>", re.DOTALL)
_MARKUP = re.compile(r"[*_~`\\^{}|]+")
_SPACES = re.compile(r"[^\S\n]+")
_SINGLE_DIGITS = re.compile(
    r"(?<![\w.,$])\d(?: \d)+(?![\w])|(?<![\w.,$])\d(?:([ ._,/·-])\d)(?:\1\d)+(?![\w])"
)
_SINGLE_LETTERS = re.compile(r"(?<![\w'])[a-z]([ ._·-])[a-z](?:\1[a-z])+(?![\w'])")
_SPACED_PRICE = re.compile(r"(?<=[$€£]) ?\d(?: \d)+(?!\w)")
_NOT_A_DIGIT = re.compile(r"\D")
_NOT_A_LETTER = re.compile(r"[^a-z]")


def _shown(char: str) -> str:
    """What a reader sees in a character: nothing for what is invisible, an ASCII digit for any digit."""
    if char.isascii():
        return char
    if char in _SPOKEN_SIGNS:
        return _SPOKEN_SIGNS[char]
    code = ord(char)
    for first in (0x1F150, 0x1F170, 0x1F1E6):
        if first <= code < first + 26:
            return chr(ord("a") + code - first)
    category = unicodedata.category(char)
    if category in ("Cf", "Mn", "Me", "Cc", "Co", "Cn") or code in (0x115F, 0x1160, 0x3164, 0x2800):
        return ""
    if category == "Nd":
        return str(unicodedata.digit(char))
    return " " if category == "So" else char


def visible(text: str) -> str:
    """``text`` without entities, tags, accents and invisible characters; letters keep their case."""
    if "&" in text:
        text = html.unescape(text)
    text = _TAG.sub("", text) if "<" in text else text
    if text.isascii():
        return text
    return "".join(map(_shown, unicodedata.normalize("NFKD", "".join(map(_shown, text)))))


def plain(text: str) -> str:
    """``text`` as its reader takes it: `visible`, in small letters, without mark-up and look-alike
    characters, ``4 9 7`` and ``f r e e`` closed up. Line breaks stay."""
    text = visible(text).lower().translate(_LOOKALIKES)
    text = _SPACES.sub(" ", _MARKUP.sub("", text))
    text = _SINGLE_DIGITS.sub(lambda m: _NOT_A_DIGIT.sub("", m[0]), text)
    text = _SPACED_PRICE.sub(lambda m: _NOT_A_DIGIT.sub("", m[0]), text)
    return _SINGLE_LETTERS.sub(lambda m: _NOT_A_LETTER.sub("", m[0]), text)
