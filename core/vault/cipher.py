"""Envelope encryption: a random data key for each secret, wrapped by a master key."""

import hashlib
import secrets
from dataclasses import dataclass, field
from typing import Final

from core.security.keys import SecretKey
from core.security.sealing import KEY_BYTES, seal, unseal

SALT_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class MasterKey:
    """A key that wraps data keys, derived from a master secret."""

    id: str
    key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Address:
    """What a secret belongs to; it opens for nothing else."""

    organization_id: str
    provider: str
    key_name: str
    version: int

    @property
    def parts(self) -> tuple[str, ...]:
        """For the associated data."""
        return ("vault", self.organization_id, self.provider, self.key_name, str(self.version))


@dataclass(frozen=True, slots=True)
class Sealed:
    """A secret at rest."""

    master_id: str
    wrapped_key: bytes
    ciphertext: bytes


def derive(secret: SecretKey, salt: bytes, iterations: int) -> bytes:
    """A master key by PBKDF2-HMAC-SHA256; a good fraction of a second at today's count."""
    return hashlib.pbkdf2_hmac("sha256", secret.root, salt, iterations, KEY_BYTES)


def seal_secret(master: MasterKey, plain: bytes, address: Address) -> Sealed:
    """Seal with a fresh data key."""
    data_key = secrets.token_bytes(KEY_BYTES)
    return Sealed(
        master.id,
        seal(master.key, data_key, (master.id, *address.parts)),
        seal(data_key, plain, address.parts),
    )


def unseal_secret(master: MasterKey, sealed: Sealed, address: Address) -> bytes:
    """The plain bytes; raises `core.security.sealing.SealBroken`."""
    return unseal(_data_key(master, sealed.wrapped_key, address), sealed.ciphertext, address.parts)


def rewrap(old: MasterKey, new: MasterKey, wrapped_key: bytes, address: Address) -> bytes:
    """The data key under another master key; the secret itself stays as it is."""
    return seal(new.key, _data_key(old, wrapped_key, address), (new.id, *address.parts))


def _data_key(master: MasterKey, wrapped_key: bytes, address: Address) -> bytes:
    return unseal(master.key, wrapped_key, (master.id, *address.parts))
