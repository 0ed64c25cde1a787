"""The public keys of a token issuer, fetched by HTTP and kept."""

import asyncio
import json
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

import aiohttp
import structlog
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from core.errors import Unavailable
from core.security.jwt import invalid_token

FETCH_TIMEOUT_S: Final = 5.0
MAX_DOCUMENT_BYTES: Final = 256 * 1024
FRESH_FOR_S: Final = 600.0
RETRY_AFTER_S: Final = 15.0
"""The least time between two fetches, whatever asks for them: an unknown ``kid`` or a failure."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key and the one algorithm it is good for."""

    key: ECKey | RSAKey
    algorithm: str


class SigningKeys:
    """The keys behind one JWKS address.

    They are fetched when first needed, again every ten minutes, and for an unknown ``kid`` at most every
    `retry_after_s` seconds. Keys that were once had go on serving while the issuer is away.
    """

    def __init__(
        self, url: str, *, retry_after_s: float = RETRY_AFTER_S, fresh_for_s: float = FRESH_FOR_S
    ) -> None:
        self._url = url
        self._retry_after_s = retry_after_s
        self._fresh_for_s = fresh_for_s
        self._keys: dict[str, PublicKey] = {}
        self._fetched_at = self._tried_at = float("-inf")
        self._fetching = asyncio.Lock()

    async def find(self, header: Mapping[str, Any]) -> PublicKey:
        """The key that a token's header names.

        Raises `InvalidToken` for a key or an algorithm that the issuer does not have, `Unavailable` when
        no keys are known and none can be fetched.
        """
        kid, algorithm = header.get("kid"), header.get("alg")
        if not isinstance(kid, str) or algorithm not in ("ES256", "RS256"):
            raise invalid_token()
        if kid not in self._keys or (self._stale() and not self._fetching.locked()):
            await self._refresh()
        if not self._keys:
            raise Unavailable("The sign-in service cannot be reached; try again in a moment")
        found = self._keys.get(kid)
        if found is None or found.algorithm != algorithm:
            raise invalid_token()
        return found

    def _stale(self) -> bool:
        return time.monotonic() - self._fetched_at > self._fresh_for_s

    async def _refresh(self) -> None:
        async with self._fetching:
            if time.monotonic() - self._tried_at < self._retry_after_s:
                return
            try:
                self._keys = _usable_keys(await _fetch(self._url))
                self._fetched_at = time.monotonic()
            except (aiohttp.ClientError, TimeoutError, ValueError) as error:
                log.warning("jwks_fetch_failed", url=self._url, reason=type(error).__name__)
            self._tried_at = time.monotonic()


async def _fetch(url: str) -> Any:
    timeout = aiohttp.ClientTimeout(total=FETCH_TIMEOUT_S)
    async with (
        aiohttp.ClientSession(timeout=timeout) as session,
        session.get(url, allow_redirects=False) as answer,
    ):
        if answer.status != HTTPStatus.OK:
            raise ValueError(f"status {answer.status}")
        body = await answer.content.read(MAX_DOCUMENT_BYTES)
    return json.loads(body)


def _usable_keys(document: Any) -> dict[str, PublicKey]:
    """The signing keys of a JWKS document by ``kid``; kinds that we do not take are passed over."""
    entries = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(entries, list):
        raise ValueError("not a key set")
    keys: dict[str, PublicKey] = {}
    for entry in entries:
        if isinstance(entry, dict) and isinstance(kid := entry.get("kid"), str):
            with suppress(JoseError, ValueError, TypeError):
                keys[kid] = _public_key(entry)
    return keys


def _public_key(entry: dict[str, Any]) -> PublicKey:
    match entry:
        case {"kty": "EC", "crv": "P-256"}:
            return PublicKey(ECKey.import_key(entry), "ES256")
        case {"kty": "RSA"}:
            return PublicKey(RSAKey.import_key(entry), "RS256")
    raise ValueError("not a kind of key that is used here")
