"""The secrets that master keys are derived from, the newest first.

They come from VAULT_MASTER_KEYS (separated by commas or spaces), or from a file in DATA_DIR that is made
at first start and read again whenever it changes, so that a new master key reaches every process.
"""

import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from core.errors import Conflict
from core.security.key_files import replace, write_once
from core.security.keys import MINIMUM_BYTES, SecretKey, WeakKeyError
from core.settings import Settings

KEY_FILE: Final = "vault_master_keys"


@dataclass(frozen=True, slots=True)
class MasterSecret:
    """One of them, and the name that tells nothing of it."""

    id: str
    key: SecretKey = field(repr=False)


class Keyring:
    """Every master secret that this process may use. Raises `core.security.keys.WeakKeyError`."""

    def __init__(self, settings: Settings) -> None:
        given = settings.vault_master_keys
        self._given = None if given is None else given.get_secret_value().replace(",", " ").split()
        self._path: Path = settings.data_dir / KEY_FILE
        self._read_at = -1
        self._secrets: list[MasterSecret] = []

    def secrets(self) -> list[MasterSecret]:
        """All of them, the newest first."""
        if self._given is not None:
            if not self._secrets:
                self._secrets = [_named(text) for text in self._given]
            return self._secrets
        if not self._path.exists():
            write_once(self._path, _new_text() + "\n")
        changed_at = self._path.stat().st_mtime_ns
        if changed_at != self._read_at:
            self._secrets = [_named(text) for text in self._path.read_text().split()]
            self._read_at = changed_at
        return self._secrets

    def newest(self) -> MasterSecret:
        """What is sealed now is sealed with this one."""
        return self.secrets()[0]

    def add(self) -> MasterSecret:
        """Make a new one the newest.

        Raises `core.errors.Conflict` where the environment gives them, and gives only one.
        """
        if self._given is None:
            replace(self._path, "\n".join([_new_text(), *self._texts()]) + "\n")
        elif len(self._given) < 2:
            raise Conflict(
                "Put a new key in front of VAULT_MASTER_KEYS, restart every process with both, then rotate."
            )
        return self.newest()

    def keep_newest(self) -> None:
        """Forget all others, where they are kept in the file."""
        if self._given is None:
            replace(self._path, self._texts()[0] + "\n")

    def _texts(self) -> list[str]:
        return [secret.key.root.decode() for secret in self.secrets()]


def _named(text: str) -> MasterSecret:
    try:
        key = SecretKey(text.encode())
    except WeakKeyError as fault:
        raise WeakKeyError(
            f"Each of VAULT_MASTER_KEYS must be at least {MINIMUM_BYTES} random bytes; "
            "`openssl rand -hex 32` prints a good one."
        ) from fault
    return MasterSecret(key.derive("vault-key-id", 16).hex(), key)


def _new_text() -> str:
    return secrets.token_hex(32)
