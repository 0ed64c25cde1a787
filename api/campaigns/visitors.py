"""The browser's own id: it tells clicks apart, and joins a conversation to the visit that it began with."""

import hashlib
import hmac
import re
from collections.abc import Mapping

VISITOR_COOKIE = "visitor"
_NO_PERSON = re.compile(r"bot\b|crawler|spider|preview|facebookexternalhit|whatsapp/|slurp", re.IGNORECASE)
_VISITOR = re.compile(r"^[0-9a-f]{32}$")


def known_visitor(cookies: Mapping[str, str]) -> str | None:
    """The visitor that a browser says it is; hexadecimal."""
    kept = cookies.get(VISITOR_COOKIE, "")
    return kept if _VISITOR.match(kept) else None


def first_sight(key: bytes, address: str, program: str) -> str:
    """The visitor's id until its browser keeps one: from where it comes from, so reloads count once."""
    return hmac.new(key, f"{address}\n{program}".encode(), hashlib.sha256).hexdigest()[:32]


def is_person(headers: Mapping[str, str]) -> bool:
    """Whether a page is asked for to be looked at, and not to be searched, previewed or had ready."""
    ahead = headers.get("sec-purpose", "") + headers.get("purpose", "")
    return "prefetch" not in ahead and not _NO_PERSON.search(headers.get("user-agent", ""))
