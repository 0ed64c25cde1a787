"""Which frontends on other origins may call the API."""

from typing import Any, Final

METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")
SENT: Final = (
    "Authorization",
    "Content-Type",
    "Last-Event-ID",
    "X-API-Key",
    "X-Lead-Token",
    "X-Organization-ID",
    "X-Request-ID",
)
READ: Final = (
    "Retry-After",
    "X-Lead-Token",
    "X-Pagination-Limit",
    "X-Pagination-Page",
    "X-Pagination-Pages",
    "X-Pagination-Total",
    "X-RateLimit-Limit",
    "X-RateLimit-Remaining",
    "X-RateLimit-Reset",
    "X-RateLimit-Window",
    "X-Request-ID",
    "X-Thread-Id",
)


def cross_origin(origins: str) -> dict[str, Any]:
    """What Starlette's CORS middleware is told; cookies come along only from origins that are named."""
    allowed = [origin.strip().rstrip("/") for origin in origins.split(",") if origin.strip()]
    return {
        "allow_origins": allowed,
        "allow_credentials": "*" not in allowed,
        "allow_methods": METHODS,
        "allow_headers": SENT,
        "expose_headers": READ,
        "max_age": 600,
    }
