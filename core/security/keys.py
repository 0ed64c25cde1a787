"""The installation's secret key, and the keys that are derived from it."""

import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from core.errors import LimitlessError
from core.security.key_files import write_once
from core.settings import Settings

MINIMUM_BYTES: Final = 32
MINIMUM_VARIETY: Final = 12
"""Different bytes in a key; fewer is a placeholder such as ``aaaa…`` or ``changemechangeme…``."""
KEY_FILE: Final = "secret_key"


class WeakKeyError(LimitlessError):
    """The secret key is too short or too plain to sign with; the message says how to mend it."""


@dataclass(frozen=True, slots=True)
class SecretKey:
    """The root of every key that the installation uses; its bytes are in no ``repr``."""

    root: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.root) < MINIMUM_BYTES or len(set(self.root)) < MINIMUM_VARIETY:
            raise WeakKeyError(
                f"SECRET_KEY must be at least {MINIMUM_BYTES} random bytes; "
                "`openssl rand -hex 32` prints a good one."
            )

    def derive(self, purpose: str, length: int = 32) -> bytes:
        """A key of ``length`` bytes for one purpose alone, always the same (HKDF-SHA256)."""
        info = f"limitless/{purpose}".encode()
        return HKDF(algorithm=SHA256(), length=length, salt=None, info=info).derive(self.root)


def load_secret_key(settings: Settings) -> SecretKey:
    """SECRET_KEY where it is set, otherwise the one in DATA_DIR, made at first start.

    Raises `WeakKeyError`.
    """
    if settings.secret_key is not None:
        return SecretKey(settings.secret_key.get_secret_value().encode())
    return SecretKey(_kept_key(settings.data_dir / KEY_FILE))


def _kept_key(path: Path) -> bytes:
    if not path.exists():
        write_once(path, secrets.token_hex(MINIMUM_BYTES) + "\n")
    return path.read_bytes().strip()
