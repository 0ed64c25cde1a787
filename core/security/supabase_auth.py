"""Tokens of Supabase Auth: the identity is theirs, what it may do here is ours."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from joserfc.jwk import OctKey

from core.security.jwks import SigningKeys
from core.security.jwt import (
    claims_rules,
    expiry,
    invalid_token,
    text_claim,
    unverified_header,
    verified_claims,
)
from core.security.keys import MINIMUM_BYTES, WeakKeyError
from core.settings import Settings

HMAC: Final = "HS256"


@dataclass(frozen=True, slots=True)
class Identity:
    """Who Supabase says is asking; what it may do here is not in it."""

    subject: str
    email: str
    """Lower case; empty for people who signed up by phone."""
    expires_at: datetime
    organization_id: str | None = None
    """The organization that it would like to act in; only a membership of ours makes it so."""


class SupabaseTokens:
    """Verifies the tokens of one Supabase project.

    The key follows from the kind of signature, never the other way round: HS256 is only ever checked
    with the shared secret, ES256 and RS256 only with the project's public keys.
    """

    def __init__(
        self, shared_secret: bytes | None, public_keys: SigningKeys | None, issuer: str | None
    ) -> None:
        if shared_secret is not None and len(shared_secret) < MINIMUM_BYTES:
            raise WeakKeyError(f"SUPABASE_JWT_SECRET must be at least {MINIMUM_BYTES} bytes, as theirs are.")
        self._shared = None if shared_secret is None else OctKey.import_key(shared_secret)
        self._public = public_keys
        self._rules = claims_rules("authenticated", issuer)

    @classmethod
    def from_settings(cls, settings: Settings) -> "SupabaseTokens | None":
        """What SUPABASE_URL and SUPABASE_JWT_SECRET ask for; None without either. Raises `WeakKeyError`."""
        secret, url = settings.supabase_jwt_secret, settings.supabase_url
        if secret is None and url is None:
            return None
        issuer = None if url is None else f"{url.rstrip('/')}/auth/v1"
        return cls(
            None if secret is None else secret.get_secret_value().encode(),
            None if issuer is None else SigningKeys(f"{issuer}/.well-known/jwks.json"),
            issuer,
        )

    async def verify(self, token: str) -> Identity:
        """Who the token speaks for.

        Raises `InvalidToken`, and `Unavailable` when the project's keys cannot be had.
        """
        header = unverified_header(token)
        if header.get("alg") == HMAC and self._shared is not None:
            claims = verified_claims(token, self._shared, HMAC, self._rules)
        elif self._public is not None:
            key = await self._public.find(header)
            claims = verified_claims(token, key.key, key.algorithm, self._rules)
        else:
            raise invalid_token()
        return _identity(claims)


def _identity(claims: dict[str, Any]) -> Identity:
    """Keys of the project itself (``anon``, ``service_role``) and passers-by are nobody here."""
    if claims.get("role") != "authenticated" or claims.get("is_anonymous", False) is not False:
        raise invalid_token()
    email, wished = claims.get("email"), claims.get("app_metadata")
    organization_id = wished.get("organization_id") if isinstance(wished, dict) else None
    return Identity(
        subject=text_claim(claims, "sub"),
        email=email.strip().lower() if isinstance(email, str) else "",
        expires_at=expiry(claims),
        organization_id=organization_id if isinstance(organization_id, str) else None,
    )
