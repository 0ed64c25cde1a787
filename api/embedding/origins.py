"""Websites by their origin, as owners write them and as browsers name them."""

import re
from collections.abc import Iterable
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

MOST = 50

_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_ORIGIN = re.compile(rf"^https?://(?:\*\.{_LABEL}\.)?{_LABEL}(?:\.{_LABEL})*(?::\d{{1,5}})?$")


def plain_origin(text: str) -> str:
    """``www.Example.com/courses`` is ``https://www.example.com``; ``*.`` in front stands for any subdomain.

    Raises `ValueError` for what is no website.
    """
    written = text.strip()
    try:
        parts = urlsplit(written if "://" in written else f"https://{written}")
        host, port = parts.hostname or "", parts.port
        ascii_host = host if host.isascii() else host.encode("idna").decode()
    except ValueError as fault:
        raise ValueError("write a website's address, such as https://www.example.com") from fault
    default = {"https": 443, "http": 80}.get(parts.scheme)
    origin = f"{parts.scheme}://{ascii_host}" + (f":{port}" if port and port != default else "")
    if not _ORIGIN.match(origin):
        raise ValueError("write a website's address, such as https://www.example.com")
    return origin


def allows(allowed: Iterable[str], origin: str) -> bool:
    """Whether a page of ``origin`` may show the chat; reads ``allowed`` as `frame-ancestors` does."""
    return any(
        _matches(one, origin) or _matches(one.replace("http://", "https://", 1), origin) for one in allowed
    )


def _matches(pattern: str, origin: str) -> bool:
    scheme, _, host = pattern.partition("://")
    if not host.startswith("*."):
        return origin == pattern
    return origin.startswith(f"{scheme}://") and origin.endswith(host[1:])


def _without_repeats(origins: list[str]) -> list[str]:
    return list(dict.fromkeys(origins))


AllowedOrigins = Annotated[
    list[Annotated[str, Field(max_length=300), AfterValidator(plain_origin)]],
    Field(max_length=MOST, examples=[["https://www.example.com", "https://*.example.org"]]),
    AfterValidator(_without_repeats),
]
"""What an owner allows, as origins, each once."""
