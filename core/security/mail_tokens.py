"""Tokens that go out by mail: nobody can guess them, stored as a hash, good once and for a while."""

import base64
import hashlib
import hmac

from core.security.keys import SecretKey


def mail_token(key: SecretKey, mail_id: str) -> str:
    """256 bits, safe in a link. The same mail has the same token, so that it can be sent twice."""
    made = hmac.new(key.derive("mail-tokens"), mail_id.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(made).decode().rstrip("=")


def mail_token_hash(token: str) -> bytes:
    """What is stored of it."""
    return hashlib.sha256(token.encode()).digest()
