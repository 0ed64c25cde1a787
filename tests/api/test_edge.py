"""What every request goes through, whatever the route: its id, its address, its bounds, its headers."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest
from fastapi import FastAPI, Response
from fastapi.routing import APIRoute
from starlette.responses import StreamingResponse

from api.counting import neighbourhood
from api.middleware import BodyBounds, RequestGate, UnexpectedFaults
from api.routers import ROUTERS
from core.identifiers import new_id
from core.limits import limit
from tests.api.conftest import Api, ServeApi, serving_app, unlimited

GUESS = {"email": "nobody@example.com", "password": "guess"}
HUGE = 200 * 1024 * 1024
APP = "https://app.example.com"
ROUTES = [
    (method, route.path)
    for router in ROUTERS
    for route in router.routes
    if isinstance(route, APIRoute)
    for method in sorted((route.methods or set()) - {"HEAD"})
]


async def announce(url: str, method: str, path: str, size: int) -> bytes:
    """Say that ``size`` bytes will come, and send none: whatever waits for them never answers."""
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    head = f"{method} {path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: {size}"
    writer.write(head.encode() + b"\r\n\r\n")
    async with asyncio.timeout(10):
        answer = await reader.read(65_536)
    writer.close()
    return answer


class TestBodies:
    async def test_200_mb_are_refused_on_every_route_before_they_are_read(self, api: Api) -> None:
        plain = [(method, path.replace("{", "").replace("}", "")) for method, path in ROUTES]
        answers = await asyncio.gather(*(announce(api.url, *route, HUGE) for route in plain))
        wrong = []
        for (method, path), answer in zip(plain, answers, strict=True):
            # Uploads are for those who may: nobody is asked for a token before a byte is taken.
            expected = b"401" if path == "/api/documents/upload" else b"413"
            if answer.split(b" ")[1] != expected:
                wrong.append((method, path, answer[:40]))
        assert wrong == []
        assert len(ROUTES) > 80

    async def test_what_is_unread_ends_the_connection(self, api: Api) -> None:
        answer = await announce(api.url, "POST", "/api/v1/auth/login", HUGE)
        assert b"connection: close" in answer.lower()
        assert b'"PAYLOAD_TOO_LARGE"' in answer

    async def test_a_length_that_is_none(self, api: Api) -> None:
        reader, writer = await asyncio.open_connection(urlsplit(api.url).hostname, urlsplit(api.url).port)
        writer.write(b"POST /api/chat HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n")
        async with asyncio.timeout(10):
            answer = await reader.read(100)
        writer.close()
        assert answer.split(b" ")[1] in (b"400", b"413")

    @pytest.mark.parametrize("body", [b"[" * 60_000, b'{"a":' * 10_000, b"1" * 60_000])
    async def test_json_that_is_meant_to_hurt(self, http: aiohttp.ClientSession, body: bytes) -> None:
        headers = {"content-type": "application/json"}
        for path in ("/api/chat", "/api/v1/auth/login", "/api/webhooks/stripe"):
            async with http.post(path, data=body, headers=headers) as answer:
                assert 400 <= answer.status < 500, path
                assert (await answer.json())["success"] is False


class TestNames:
    @pytest.mark.parametrize("path", ["/api/v1/auth/me", "/healthz", "/owner", "/static/none", "/nothing"])
    async def test_every_answer_has_an_id(self, http: aiohttp.ClientSession, path: str) -> None:
        async with http.get(path) as answer:
            assert answer.headers.getall("x-request-id")[0].startswith("req_")
            assert len(answer.headers.getall("x-request-id")) == 1
        async with http.get(path, headers={"x-request-id": "mine-1"}) as answer:
            assert answer.headers["x-request-id"] == "mine-1"
        async with http.get(path, headers={"x-request-id": "not mine\tat all"}) as answer:
            assert answer.headers["x-request-id"].startswith("req_")

    async def test_the_body_of_an_error_says_the_same_id(self, http: aiohttp.ClientSession) -> None:
        async with http.get("/api/v1/auth/me") as answer:
            assert (await answer.json())["error"]["request_id"] == answer.headers["x-request-id"]


class TestHeaders:
    async def test_browsers_are_kept_careful(self, http: aiohttp.ClientSession) -> None:
        async with http.get("/api/v1/auth/me") as answer:
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert answer.headers["cache-control"] == "no-store"
            assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
            assert "strict-transport-security" not in answer.headers
        async with http.get("/owner") as answer:
            assert len(answer.headers.getall("content-security-policy")) == 1
            assert "script-src" in answer.headers["content-security-policy"]

    async def test_no_answer_names_the_server(self, http: aiohttp.ClientSession) -> None:
        async with http.get("/api/v1/health") as answer:
            assert "x-powered-by" not in answer.headers


@asynccontextmanager
async def failing() -> AsyncIterator[str]:
    """An application whose routes fail, within what surrounds ours."""
    app = FastAPI()

    @app.get("/api/v1/fails")
    async def fails() -> Response:
        raise ZeroDivisionError("hunter2")

    @app.get("/api/v1/breaks")
    async def breaks() -> Response:
        async def body() -> AsyncIterator[bytes]:
            yield b"so far"
            raise ZeroDivisionError("hunter2")

        return StreamingResponse(body())

    @app.post("/api/v1/takes")
    async def takes(body: dict[str, Any]) -> dict[str, Any]:
        return body

    app.add_middleware(BodyBounds, streaming=(), larger={}, timeout_s=0.1)
    app.add_middleware(UnexpectedFaults)
    app.add_middleware(RequestGate)
    async with serving_app(app) as url:
        yield url


class TestFaults:
    async def test_nothing_is_said_of_the_cause(self) -> None:
        async with failing() as url, aiohttp.ClientSession(url) as http:
            async with http.get("/api/v1/fails") as answer:
                text = await answer.text()
                assert answer.status == 500
            found = json.loads(text)["error"]
            assert (found["code"], found["details"]) == ("INTERNAL_ERROR", {})
            assert found["request_id"] == answer.headers["x-request-id"]
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert "hunter2" not in text

    async def test_what_breaks_off_is_not_ended_as_if_it_were_whole(self) -> None:
        async with failing() as url, aiohttp.ClientSession(url) as http:
            with pytest.raises(aiohttp.ClientPayloadError):
                async with http.get("/api/v1/breaks") as answer:
                    await answer.read()

    async def test_a_body_that_does_not_come_is_not_waited_for(self) -> None:
        async with failing() as url:
            answer = await announce(url, "POST", "/api/v1/takes", 100)
        assert answer.startswith(b"HTTP/1.1 408")
        assert b'"REQUEST_TIMEOUT"' in answer


class TestOtherOrigins:
    async def test_nobody_by_default(self, http: aiohttp.ClientSession) -> None:
        async with http.get("/api/v1/auth/me", headers={"origin": APP}) as answer:
            assert "access-control-allow-origin" not in answer.headers

    @pytest.mark.parametrize(("origins", "cookies"), [(f"https://other.example,{APP}/", True), ("*", False)])
    async def test_those_that_are_set(
        self, serve_api: ServeApi, tmp_path: Path, origins: str, cookies: bool
    ) -> None:
        settings = unlimited(tmp_path).model_copy(update={"cors_origins": origins})
        async with serve_api(settings) as api, aiohttp.ClientSession(api.url) as http:
            asked = {"origin": APP, "access-control-request-method": "POST"}
            wanted = {"access-control-request-headers": "authorization,x-lead-token,content-type"}
            async with http.options("/api/chat", headers=asked | wanted) as answer:
                assert answer.status == 200
                assert answer.headers["x-request-id"]
            async with http.post("/api/chat", data=b"x" * 70_000, headers={"origin": APP}) as answer:
                assert answer.status == 413
                assert answer.headers["access-control-allow-origin"] in (APP, "*")
                assert ("access-control-allow-credentials" in answer.headers) == cookies
                assert "X-RateLimit-Remaining" in answer.headers["access-control-expose-headers"]
            async with http.get("/api/v1/auth/me", headers={"origin": "https://evil.example"}) as answer:
                assert answer.headers.get("access-control-allow-origin", "*") == "*"


class TestProxies:
    async def test_a_header_from_nobody_who_is_trusted_changes_nothing(
        self, serve_api: ServeApi, tmp_path: Path
    ) -> None:
        assert await self._statuses(serve_api, tmp_path, "") == [401, 401, 429, 429]

    @pytest.mark.parametrize("trusted", ["127.0.0.0/8", "1"])
    async def test_behind_a_trusted_proxy_each_address_counts_for_itself(
        self, serve_api: ServeApi, tmp_path: Path, trusted: str
    ) -> None:
        assert await self._statuses(serve_api, tmp_path, trusted) == [401] * 4

    async def test_https_is_believed_of_a_trusted_proxy_alone(
        self, serve_api: ServeApi, tmp_path: Path
    ) -> None:
        for trusted, secure in (("127.0.0.1", True), ("10.0.0.1", False)):
            settings = unlimited(tmp_path).model_copy(update={"trusted_proxies": trusted})
            headers = {"x-forwarded-for": "203.0.113.7", "x-forwarded-proto": "https"}
            async with (
                serve_api(settings) as api,
                aiohttp.ClientSession(api.url) as http,
                http.get("/healthz", headers=headers) as answer,
            ):
                assert ("strict-transport-security" in answer.headers) == secure

    async def _statuses(self, serve_api: ServeApi, folder: Path, trusted: str) -> list[int]:
        """Of four attempts, forwarded for four addresses, where each address may try twice."""
        changed = {"trusted_proxies": trusted, "rate_limit_authentication": "2/minute"}
        settings = unlimited(folder).model_copy(update=changed)
        block = int(new_id("x")[-4:], 36) % 60_000
        statuses = []
        async with serve_api(settings) as api, aiohttp.ClientSession(api.url) as http:
            await api.parts.limits.forget(limit("authentication", "127.0.0.1", "2/minute"))
            for n in range(4):
                forwarded = {"x-forwarded-for": f"198.51.100.66, 2001:db8:{block:x}:{n}::1"}
                async with http.post("/api/v1/auth/login", json=GUESS, headers=forwarded) as answer:
                    statuses.append(answer.status)
        return statuses


def test_a_block_of_ipv6_is_one_neighbour() -> None:
    assert neighbourhood("2001:db8:1:2:3:4:5:6") == neighbourhood("2001:db8:1:2::9") == "2001:db8:1:2::"
    assert neighbourhood("2001:db8:1:3::9") != neighbourhood("2001:db8:1:2::9")
    assert neighbourhood("::ffff:203.0.113.7") == neighbourhood("203.0.113.7") == "203.0.113.7"
    assert neighbourhood("unknown") == "unknown"
