"""Stripe's webhook signatures: ``t=<seconds>,v1=<hex>`` over ``<seconds>.<body>``.

The package's own check takes a timestamp from years ahead, and raises whatever an odd header happens to
break; here a signature is good or it is not.
"""

import hashlib
import hmac
import re
from collections.abc import Sequence

TOLERANCE_S = 300
"""How old a signature may be, or how far ahead its clock."""

_TIME = re.compile(rb"[0-9]{1,12}")
_SIGNATURE = re.compile(rb"[0-9a-f]{64}")
_MOST_SIGNATURES = 16


def sign(body: bytes, secret: str, at: int) -> str:
    """The header that Stripe would send with ``body`` at ``at``, in seconds since the epoch."""
    return f"t={at},v1={_digest(body, secret, str(at).encode()).decode()}"


def is_signed(body: bytes, header: str, secrets: Sequence[str], now: float) -> bool:
    """Whether ``header`` was made from ``body`` with one of ``secrets``, and lately."""
    parts = [part.partition(b"=") for part in header.encode("utf-8", "replace").split(b",")]
    times = [value for name, _, value in parts if name == b"t"]
    signatures = [value for name, _, value in parts if name == b"v1" and _SIGNATURE.fullmatch(value)]
    if len(times) != 1 or not _TIME.fullmatch(times[0]) or abs(now - int(times[0])) > TOLERANCE_S:
        return False
    expected = [_digest(body, secret, times[0]) for secret in secrets]
    found = signatures[:_MOST_SIGNATURES]
    return any(hmac.compare_digest(signature, one) for signature in found for one in expected)


def _digest(body: bytes, secret: str, at: bytes) -> bytes:
    return hmac.new(secret.encode(), at + b"." + body, hashlib.sha256).hexdigest().encode()
