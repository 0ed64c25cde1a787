"""API keys: made up by us, stored as a hash, recognisable by their beginning."""

import hashlib
import secrets
from dataclasses import dataclass, field
from typing import Final

MARK: Final = "lmk_"
"""What every key begins with, so that scanners for leaked keys can know them."""


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key, the only time that it is seen whole."""

    value: str = field(repr=False)
    prefix: str
    """Enough of it to tell it from others."""


def new_key() -> NewKey:
    """A fresh key of 256 random bits."""
    value = f"{MARK}{secrets.token_urlsafe(32)}"
    return NewKey(value, value[: len(MARK) + 6])


def key_hash(key: str) -> bytes:
    """What is stored of a key; it is random enough for a plain hash."""
    return hashlib.sha256(key.encode()).digest()
