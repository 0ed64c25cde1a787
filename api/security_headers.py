"""Headers that keep browsers careful. An answer's own ones stand."""

from collections.abc import Mapping
from typing import Final

from starlette.types import Scope

Pair = tuple[bytes, bytes]

_ALWAYS: Final[Mapping[bytes, bytes]] = {
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"strict-origin-when-cross-origin",
    b"cross-origin-opener-policy": b"same-origin",
    b"permissions-policy": b"camera=(), geolocation=(), microphone=(), payment=()",
}
_API: Final[Mapping[bytes, bytes]] = {
    b"cache-control": b"no-store",
    b"content-security-policy": b"default-src 'none'; frame-ancestors 'none'",
}
"""What programs are answered is kept by nobody, and shown in no page."""
_HTTPS: Final[Mapping[bytes, bytes]] = {b"strict-transport-security": b"max-age=31536000"}


def missing_headers(scope: Scope, given: list[Pair]) -> list[Pair]:
    """The careful headers that an answer to the request does not have yet."""
    wanted = {**_ALWAYS}
    if scope["path"].startswith("/api/"):
        wanted |= _API
    if scope["scheme"] == "https":
        wanted |= _HTTPS
    own = {name.lower() for name, _ in given}
    return [(name, value) for name, value in wanted.items() if name not in own]
