"""The tokens that we sign ourselves, each kind with a key and an audience of its own."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from joserfc import jwt
from joserfc.jwk import OctKey

from core.clock import utc_now
from core.errors import InvalidToken
from core.security.jwt import claims_rules, expiry, invalid_token, text_claim, verified_claims
from core.security.keys import SecretKey
from core.security.permissions import ROLES, Role
from core.security.principal import Principal

ALGORITHM: Final = "HS256"
ISSUER: Final = "limitless"
LEAD_SESSION_LIFETIME: Final = timedelta(days=90)
MFA_TICKET_LIFETIME: Final = timedelta(minutes=5)
DEVICE_LIFETIME: Final = timedelta(days=365)
ARCHIVE_LINK_LIFETIME: Final = timedelta(hours=1)


class _Signer:
    """Signs and checks one kind of token."""

    def __init__(self, secret_key: SecretKey, purpose: str, audience: str) -> None:
        self._key = OctKey.import_key(secret_key.derive(purpose))
        self._audience = audience
        self._rules = claims_rules(audience, ISSUER)

    def sign(self, subject: str, ends: datetime, claims: dict[str, Any]) -> str:
        standard = {"iss": ISSUER, "sub": subject, "aud": self._audience, "iat": utc_now(), "exp": ends}
        return jwt.encode({"alg": ALGORITHM}, {**standard, **claims}, self._key)

    def read(self, token: str) -> dict[str, Any]:
        """The verified claims. Raises `InvalidToken`."""
        return verified_claims(token, self._key, ALGORITHM, self._rules)


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A signed token and how many seconds it is good for."""

    value: str
    expires_in: int


class OwnerTokens:
    """Access tokens of the built-in accounts, with claims in Supabase's form."""

    def __init__(self, secret_key: SecretKey, lifetime: timedelta) -> None:
        self._signer = _Signer(secret_key, "owner-tokens", "authenticated")
        self._lifetime = lifetime

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
        claims = {
            "role": "authenticated",
            "email": email,
            "session_id": session_id,
            "app_metadata": {"organization_id": organization_id, "role": role},
        }
        return AccessToken(self._signer.sign(user_id, ends, claims), int((ends - now).total_seconds()))

    def verify(self, token: str) -> Principal:
        """Who the token speaks for. Raises `InvalidToken`."""
        claims = self._signer.read(token)
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
class RefreshToken:
    """The right to go on with a session, once: ``generation`` counts the refreshes."""

    session_id: str
    user_id: str
    organization_id: str
    generation: int


class RefreshTokens:
    """Signed refresh tokens; whether one was used already stands in the session's row."""

    def __init__(self, secret_key: SecretKey) -> None:
        self._signer = _Signer(secret_key, "refresh-tokens", "refresh")

    def issue(self, token: RefreshToken, ends: datetime) -> str:
        """The token of a session that ends at ``ends`` whatever happens."""
        claims = {
            "user_id": token.user_id,
            "organization_id": token.organization_id,
            "generation": token.generation,
        }
        return self._signer.sign(token.session_id, ends, claims)

    def verify(self, token: str) -> RefreshToken:
        """Which session, and how many refreshes ago. Raises `InvalidToken`."""
        claims = self._signer.read(token)
        generation = claims.get("generation")
        if not isinstance(generation, int):
            raise invalid_token()
        return RefreshToken(
            session_id=text_claim(claims, "sub"),
            user_id=text_claim(claims, "user_id"),
            organization_id=text_claim(claims, "organization_id"),
            generation=generation,
        )


@dataclass(frozen=True, slots=True)
class MfaTicket:
    """A password was right; the second factor is still to come."""

    user_id: str
    email: str
    organization_id: str


class MfaTickets:
    """What a sign-in carries from its first step to its second."""

    def __init__(self, secret_key: SecretKey) -> None:
        self._signer = _Signer(secret_key, "mfa-tickets", "mfa")

    def issue(self, ticket: MfaTicket) -> AccessToken:
        """The ticket, good for a few minutes."""
        claims = {"email": ticket.email, "organization_id": ticket.organization_id}
        value = self._signer.sign(ticket.user_id, utc_now() + MFA_TICKET_LIFETIME, claims)
        return AccessToken(value, int(MFA_TICKET_LIFETIME.total_seconds()))

    def verify(self, token: str) -> MfaTicket:
        """Who is signing in. Raises `InvalidToken`."""
        claims = self._signer.read(token)
        return MfaTicket(*(text_claim(claims, name) for name in ("sub", "email", "organization_id")))


class DeviceTokens:
    """What a browser keeps to be known again: an attack on an account does not lock its owner's out."""

    def __init__(self, secret_key: SecretKey) -> None:
        self._signer = _Signer(secret_key, "device-tokens", "device")

    def issue(self, email: str) -> str:
        """For a browser that has just signed in as ``email``."""
        return self._signer.sign(email, utc_now() + DEVICE_LIFETIME, {})

    def knows(self, token: str | None, email: str) -> bool:
        """Whether the browser has signed in as ``email`` before."""
        try:
            return token is not None and text_claim(self._signer.read(token), "sub") == email
        except InvalidToken:
            return False


class ArchiveLinks:
    """What opens an archive by its address alone, for an hour."""

    def __init__(self, secret_key: SecretKey) -> None:
        self._signer = _Signer(secret_key, "archive-links", "archive")

    def issue(self, request_id: str, organization_id: str) -> str:
        """For who may have the archive of this request."""
        ends = utc_now() + ARCHIVE_LINK_LIFETIME
        return self._signer.sign(request_id, ends, {"organization_id": organization_id})

    def verify(self, token: str) -> tuple[str, str]:
        """The request's and its organization's id. Raises `InvalidToken`."""
        claims = self._signer.read(token)
        return text_claim(claims, "sub"), text_claim(claims, "organization_id")


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
        self._signer = _Signer(secret_key, "lead-sessions", "lead")
        self._lifetime = lifetime

    def issue(self, *, thread_id: str, campaign_id: str, organization_id: str, handle: str) -> str:
        """The token that continues this conversation."""
        claims = {"campaign_id": campaign_id, "organization_id": organization_id, "handle": handle}
        return self._signer.sign(thread_id, utc_now() + self._lifetime, claims)

    def verify(self, token: str) -> LeadSession:
        """Whose conversation it is. Raises `InvalidToken`."""
        claims = self._signer.read(token)
        return LeadSession(
            thread_id=text_claim(claims, "sub"),
            campaign_id=text_claim(claims, "campaign_id"),
            organization_id=text_claim(claims, "organization_id"),
            handle=text_claim(claims, "handle"),
            expires_at=expiry(claims),
        )
