"""The HTTP under an OpenAI-compatible endpoint: one session, its time-outs, and what its failures mean."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.utils import parsedate_to_datetime
from typing import Any, Self

import aiohttp
import orjson
from pydantic import SecretStr
from yarl import URL

from core.clock import utc_now
from core.errors import LimitlessError, TerminalOutsideError, TransientOutsideError
from core.models.retries import EndpointBusy

TRANSIENT_STATUSES = frozenset({408, 409, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524, 529})
CONNECTIONS = 512
KEPT_S = 60
"""Seconds that an idle connection is kept: leads think for longer than the usual 15, and a new one costs a
handshake."""
ADVICE = {
    401: "check OPENAI_API_KEY",
    403: "the key may not use this model",
    404: "check OPENAI_BASE_URL and OPENAI_MODEL",
}


class EndpointRefusal(TerminalOutsideError):
    """The endpoint does not take this request.

    ``complaint`` is its own text in lower case: to decide by, never to show, since it may quote the prompt
    or the key.
    """

    answered: int = 0
    complaint: str = ""


class Endpoint:
    """``POST {base_url}/{route}`` over a shared, bounded pool of connections.

    Open it before use and close it after, or use it as an async context manager.
    """

    def __init__(
        self,
        base_url: str,
        api_key: SecretStr | None,
        *,
        route: str = "chat/completions",
        connect_timeout_s: float = 5,
    ) -> None:
        self._url = URL(f"{base_url.rstrip('/')}/{route}")
        self._key = api_key
        self._connect_timeout_s = connect_timeout_s
        self._session: aiohttp.ClientSession | None = None

    @property
    def host(self) -> str:
        """Where it is, for messages."""
        return self._url.authority

    async def open(self) -> None:
        """Make the session; connections are made when they are needed."""
        headers = {"Content-Type": "application/json", "Accept-Encoding": "identity"}
        if self._key is not None and self._key.get_secret_value():
            headers["Authorization"] = f"Bearer {self._key.get_secret_value()}"
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=CONNECTIONS, ttl_dns_cache=60, keepalive_timeout=KEPT_S),
            headers=headers,
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=self._connect_timeout_s),
        )

    async def close(self) -> None:
        """Drop all connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    @asynccontextmanager
    async def post(self, body: bytes, *, by: float) -> AsyncIterator[aiohttp.ClientResponse]:
        """A successful answer, its headers read ``by`` that time of the loop's clock, its body not yet.

        Faults of reading the body inside the ``async with`` become `OutsideError` too. Causes are left
        out of them: aiohttp's errors carry the request's headers.
        """
        if self._session is None:
            raise RuntimeError("the endpoint is not open")
        try:
            async with asyncio.timeout_at(by):
                response = await self._session.post(self._url, data=body, allow_redirects=False)
            async with response:
                if response.status != 200:
                    raise await self._failure(response, by)
                yield response
        except TimeoutError:
            raise TransientOutsideError(f"The model's endpoint {self.host} took too long.") from None
        except (aiohttp.InvalidURL, ssl.SSLCertVerificationError) as error:
            raise TerminalOutsideError(self._unreachable(error)) from None
        except (aiohttp.ClientError, OSError) as error:
            raise TransientOutsideError(self._unreachable(error)) from None

    def _unreachable(self, error: Exception) -> str:
        return f"The connection to the model's endpoint {self.host} failed ({type(error).__name__})."

    async def _failure(self, response: aiohttp.ClientResponse, by: float) -> LimitlessError:
        async with asyncio.timeout_at(by):
            text = await _beginning(response)
        code = _code(text)
        told = ", ".join(part for part in (code, ADVICE.get(response.status)) if part)
        message = f"The model's endpoint {self.host} answered {response.status}{told and f' ({told})'}."
        if response.status in TRANSIENT_STATUSES and code != "insufficient_quota":
            busy = EndpointBusy(message)
            busy.retry_after_s = _retry_after_s(response)
            return busy
        refusal = EndpointRefusal(message)
        refusal.answered, refusal.complaint = response.status, text.lower()
        return refusal


async def _beginning(response: aiohttp.ClientResponse) -> str:
    try:
        read = await response.content.readexactly(65_536)
    except asyncio.IncompleteReadError as whole:
        read = whole.partial
    return read.decode(errors="replace")


def _code(text: str) -> str:
    """The error's code or type: a bare word, so it quotes nothing."""
    try:
        error: Any = orjson.loads(text)["error"]
        word = str(error.get("code") or error.get("type") or "")
    except (orjson.JSONDecodeError, AttributeError, KeyError, TypeError):
        return ""
    return word if word.replace("_", "").isalnum() and len(word) <= 40 else ""


def _retry_after_s(response: aiohttp.ClientResponse) -> float | None:
    value = response.headers.get("Retry-After", "")
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        return max(0.0, (parsedate_to_datetime(value) - utc_now()).total_seconds())
    except (ValueError, TypeError):
        return None
