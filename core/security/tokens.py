"""The tokens that we sign ourselves: an owner's access token and a lead's session."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from joserfc import jwt
from joserfc.jwk import OctKey

from core.clock import utc_now
from core.security.jwt import claims_rules, expiry, invalid_token, text_claim, verified_claims
from core.security.keys import SecretKey
from core.security.permissions import ROLES, Role
from core.security.principal import Principal

ALGORITHM: Final = "HS256"
KEY_ID: Final = "limitless"
ISSUER: Final = "limitless"
LEAD_SESSION_LIFETIME: Final = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A signed token and how many seconds it is good for."""

    value: str
    expires_in: int


class OwnerTokens:
    """Access tokens of the built-in accounts, with claims in Supabase's form."""

    def __init__(self, secret_key: SecretKey, lifetime: timedelta) -> None:
        self._key = OctKey.import_key(secret_key.derive("owner-tokens"))
        self._lifetime = lifetime
        self._rules = claims_rules("authenticated", ISSUER)

    def issue(
        self,
        *,
        user_id: str,
        organization_id: str,
        role: Role,
        email: str,
        session_id: str,
        not_after: datetime | None = None,
    ) -> AccessToken:
        """A token for one session; it ends with the session where ``not_after`` comes first."""
        now = utc_now()
        ends = now + self._lifetime
        if not_after is not None:
            ends = min(ends, not_after)
        claims: dict[str, Any] = {
            "iss": ISSUER,
            "sub": user_id,
            "aud": "authenticated",
            "role": "authenticated",
            "iat": now,
            "exp": ends,
            "email": email,
            "session_id": session_id,
            "app_metadata": {"organization_id": organization_id, "role": role},
        }
        value = jwt.encode({"alg": ALGORITHM, "kid": KEY_ID}, claims, self._key)
        return AccessToken(value, int((ends - now).total_seconds()))

    def verify(self, token: str) -> Principal:
        """Who the token speaks for. Raises `InvalidToken`."""
        claims = verified_claims(token, self._key, ALGORITHM, self._rules)
        granted = claims.get("app_metadata")
        if not isinstance(granted, dict) or granted.get("role") not in ROLES:
            raise invalid_token()
        return Principal(
            user_id=text_claim(claims, "sub"),
            organization_id=text_claim(granted, "organization_id"),
            role=granted["role"],
            email=text_claim(claims, "email"),
            session_id=text_claim(claims, "session_id"),
            expires_at=expiry(claims),
        )


@dataclass(frozen=True, slots=True)
class LeadSession:
    """One lead's right to go on with one conversation."""

    thread_id: str
    campaign_id: str
    organization_id: str
    handle: str
    expires_at: datetime


class LeadSessions:
    """Signed sessions of leads: no row behind them, some 25 µs to check."""

    def __init__(self, secret_key: SecretKey, lifetime: timedelta = LEAD_SESSION_LIFETIME) -> None:
        self._key = OctKey.import_key(secret_key.derive("lead-sessions"))
        self._lifetime = lifetime
        self._rules = claims_rules("lead", ISSUER)

    def issue(self, *, thread_id: str, campaign_id: str, organization_id: str, handle: str) -> str:
        """The token that continues this conversation."""
        now = utc_now()
        claims: dict[str, Any] = {
            "iss": ISSUER,
            "sub": thread_id,
            "aud": "lead",
            "iat": now,
            "exp": now + self._lifetime,
            "campaign_id": campaign_id,
            "organization_id": organization_id,
            "handle": handle,
        }
        return jwt.encode({"alg": ALGORITHM}, claims, self._key)

    def verify(self, token: str) -> LeadSession:
        """Whose conversation it is. Raises `InvalidToken`."""
        claims = verified_claims(token, self._key, ALGORITHM, self._rules)
        return LeadSession(
            thread_id=text_claim(claims, "sub"),
            campaign_id=text_claim(claims, "campaign_id"),
            organization_id=text_claim(claims, "organization_id"),
            handle=text_claim(claims, "handle"),
            expires_at=expiry(claims),
        )
