"""Who is really asking, behind proxies: `X-Forwarded-For` and `X-Forwarded-Proto` of those that are trusted.

The server's own handling of these headers is off; nothing is trusted by default.
"""

from starlette.types import ASGIApp, Receive, Scope, Send

from core.proxies import TrustedProxies


class Forwarded:
    """Sets ``client`` and ``scheme`` to what the outermost trusted proxy saw."""

    def __init__(self, app: ASGIApp, trusted: TrustedProxies) -> None:
        self._app = app
        self._trusted = trusted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "http":
            client = scope.get("client")
            peer = client[0] if client else ""
            seen = self._trusted.outermost(peer, _values(scope, b"x-forwarded-for"))
            if seen is not None:
                scope["client"] = (seen, 0)
                scheme = _values(scope, b"x-forwarded-proto")[-1:]
                if scheme and scheme[0] in ("http", "https"):
                    scope["scheme"] = scheme[0]
        await self._app(scope, receive, send)


def _values(scope: Scope, wanted: bytes) -> list[str]:
    """The values of a header that lists some, over all the lines that it came in."""
    lines = [value.decode("latin-1") for name, value in scope["headers"] if name == wanted]
    return [value.strip() for line in lines for value in line.split(",")] if lines else []
