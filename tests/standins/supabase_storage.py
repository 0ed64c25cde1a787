"""A stand-in for Supabase Storage: its routes, its bodies and its way of saying no."""

from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

MOMENT = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass
class SupabaseStorageStandin:
    """One project: its buckets, what it was asked, and which answers it was told to give first."""

    service_key: str = "service-key"
    url: str = ""
    buckets: dict[str, dict[str, bytes]] = field(default_factory=dict)
    media_types: dict[str, str] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    faults: deque[int] = field(default_factory=deque)
    """Statuses that the next calls are answered with."""

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Any call."""
        self.calls.append(f"{request.method} {request.path}")
        if request.headers.get("Authorization") != f"Bearer {self.service_key}":
            return _no(403, "Unauthorized", "Invalid Compact JWS")
        if self.faults:
            return _no(self.faults.popleft(), "internal", "ordered to fail")
        parts = request.path.removeprefix("/storage/v1/").split("/")
        match request.method, parts:
            case "POST", ["bucket"]:
                return self._make(await request.json())
            case "POST", ["object", "list", bucket]:
                return self._list(bucket, await request.json())
            case "POST", ["object", bucket, *path]:
                return await self._store(bucket, "/".join(path), request)
            case "GET", ["object", bucket, *path]:
                return self._fetch(bucket, "/".join(path))
            case "DELETE", ["object", bucket]:
                return self._remove(bucket, await request.json())
        return _no(404, "not_found", "Route not found")

    def _make(self, body: dict[str, Any]) -> web.Response:
        if body.get("public"):
            return _no(400, "invalid", "a bucket of documents must not be public")
        self.buckets.setdefault(body["id"], {})
        return web.json_response({"name": body["id"]})

    async def _store(self, bucket: str, path: str, request: web.Request) -> web.Response:
        files = await _multipart_files(request)
        if bucket not in self.buckets:
            return _no(404, "Bucket not found", "Bucket not found")
        if path in self.buckets[bucket] and request.headers.get("x-upsert") != "true":
            return _no(409, "Duplicate", "The resource already exists")
        [(self.media_types[path], self.buckets[bucket][path])] = files
        return web.json_response({"Key": f"{bucket}/{path}", "Id": path})

    def _fetch(self, bucket: str, path: str) -> web.Response:
        if path not in self.buckets.get(bucket, {}):
            return _no(404, "not_found", "Object not found")
        return web.Response(body=self.buckets[bucket][path])

    def _remove(self, bucket: str, body: dict[str, Any]) -> web.Response:
        gone = [path for path in body["prefixes"] if self.buckets.get(bucket, {}).pop(path, None) is not None]
        return web.json_response([{"name": path} for path in gone])

    def _list(self, bucket: str, body: dict[str, Any]) -> web.Response:
        prefix = f"{body['prefix']}/"
        names = sorted(path for path in self.buckets.get(bucket, {}) if path.startswith(prefix))
        page = names[body["offset"] : body["offset"] + body["limit"]]
        return web.json_response(
            [
                {
                    "id": path,
                    "name": path.removeprefix(prefix),
                    "created_at": MOMENT.isoformat().replace("+00:00", "Z"),
                    "metadata": {"size": len(self.buckets[bucket][path])},
                }
                for path in page
            ]
        )


async def _multipart_files(request: web.Request) -> list[tuple[str, bytes]]:
    fields = (await request.post()).values()
    return [(field.content_type, field.file.read()) for field in fields if isinstance(field, web.FileField)]


def _no(status: int, error: str, message: str) -> web.Response:
    """The real one answers most refusals with 400, and says the status in the body."""
    body = {"statusCode": str(status), "error": error, "message": message}
    return web.json_response(body, status=status if status >= 500 else 400)


@asynccontextmanager
async def supabase_storage() -> AsyncIterator[SupabaseStorageStandin]:
    """It, on a free port of loopback."""
    standin = SupabaseStorageStandin()
    app = web.Application(client_max_size=64 << 20)
    app.router.add_route("*", "/{anything:.*}", standin.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    standin.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield standin
    await runner.cleanup()
