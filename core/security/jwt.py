"""Checking a JSON Web Token, whoever signed it: fixed algorithms, bounded size, one error."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import Key
from joserfc.jwt import JWTClaimsRegistry
from joserfc.util import urlsafe_b64decode

from core.errors import InvalidToken

MAX_TOKEN_LENGTH: Final = 8192
CLOCK_SKEW_S: Final = 10

_ODD_INPUT = (JoseError, ValueError, TypeError, KeyError, RecursionError, OverflowError)
"""All that a crafted token can make the library raise."""


def claims_rules(audience: str, issuer: str | None = None) -> JWTClaimsRegistry:
    """What every token must say: ``exp``, a ``sub``, this ``aud`` and, if given, this ``iss``."""
    rules = JWTClaimsRegistry(
        leeway=CLOCK_SKEW_S,
        exp={"essential": True},
        sub={"essential": True},
        aud={"essential": True, "value": audience},
    )
    if issuer is not None:
        rules.options["iss"] = {"essential": True, "value": issuer}
    return rules


def verified_claims(token: str, key: Key, algorithm: str, rules: JWTClaimsRegistry) -> dict[str, Any]:
    """The claims of a token that ``key`` signed with ``algorithm`` and that ``rules`` accept.

    Raises `InvalidToken`, which says nothing of the reason.
    """
    try:
        claims = jwt.decode(_bounded(token), key, algorithms=[algorithm]).claims
        rules.validate(claims)
    except _ODD_INPUT as error:
        raise invalid_token() from error
    return claims


def unverified_header(token: str) -> Mapping[str, Any]:
    """The header, to choose a key by; nothing in it is to be believed. Raises `InvalidToken`."""
    try:
        header = json.loads(urlsafe_b64decode(_bounded(token).partition(".")[0].encode()))
    except _ODD_INPUT as error:
        raise invalid_token() from error
    if not isinstance(header, dict):
        raise invalid_token()
    return header


def text_claim(claims: Mapping[str, Any], name: str) -> str:
    """A claim that must be a text. Raises `InvalidToken`."""
    value = claims.get(name)
    if not isinstance(value, str) or not value:
        raise invalid_token()
    return value


def expiry(claims: Mapping[str, Any]) -> datetime:
    """The verified ``exp`` as a moment."""
    try:
        return datetime.fromtimestamp(claims["exp"], UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise invalid_token() from error


def invalid_token() -> InvalidToken:
    """The one answer to every bad token."""
    return InvalidToken("The token is invalid or has expired")


def _bounded(token: str) -> str:
    if len(token) > MAX_TOKEN_LENGTH:
        raise ValueError("token too long")
    return token
