"""The browser's own id: it tells clicks apart, and joins a conversation to the visit that it began with."""

import re
from collections.abc import Mapping

VISITOR_COOKIE = "visitor"
_VISITOR = re.compile(r"^[0-9a-f]{32}$")


def known_visitor(cookies: Mapping[str, str]) -> str | None:
    """The visitor that a browser says it is; hexadecimal."""
    kept = cookies.get(VISITOR_COOKIE, "")
    return kept if _VISITOR.match(kept) else None
