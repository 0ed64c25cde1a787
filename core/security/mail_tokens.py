"""Tokens that go out by mail: random, stored as a hash, good once and for a while."""

import hashlib
import secrets


def new_mail_token() -> str:
    """256 random bits, safe in a link."""
    return secrets.token_urlsafe(32)


def mail_token_hash(token: str) -> bytes:
    """What is stored of it."""
    return hashlib.sha256(token.encode()).digest()
