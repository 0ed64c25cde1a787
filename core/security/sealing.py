"""AES-256-GCM with a fresh nonce each time, kept in front of the ciphertext."""

import secrets
from collections.abc import Iterable
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE_BYTES: Final = 12
KEY_BYTES: Final = 32


class SealBroken(Exception):
    """The ciphertext was changed, belongs to something else, or was sealed with another key."""


def seal(key: bytes, plain: bytes, belongs_to: Iterable[str]) -> bytes:
    """Encrypt ``plain`` so that it opens only with ``key`` and for what it ``belongs_to``."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, _associated(belongs_to))


def unseal(key: bytes, sealed: bytes, belongs_to: Iterable[str]) -> bytes:
    """The plain bytes. Raises `SealBroken`."""
    try:
        return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], _associated(belongs_to))
    except (InvalidTag, ValueError) as error:
        raise SealBroken("cannot be opened") from error


def _associated(parts: Iterable[str]) -> bytes:
    """The parts, each with its length before it: no two lists are written the same."""
    encoded = [part.encode() for part in parts]
    return b"".join(len(part).to_bytes(4, "big") + part for part in encoded)
