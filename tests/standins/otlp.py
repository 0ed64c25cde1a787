"""A collector of traces: OTLP over HTTP, in protobuf, as OpenTelemetry's own exporters send it."""

import gzip
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

TYPE = "application/x-protobuf"


@dataclass(frozen=True, slots=True)
class CollectedSpan:
    """One span."""

    name: str
    id: bytes
    parent_id: bytes
    trace_id: bytes
    failed: bool
    attributes: dict[str, Any]
    events: list[str]


@dataclass
class Collector:
    """What came in."""

    url: str = ""
    spans: list[CollectedSpan] = field(default_factory=list)
    resources: list[dict[str, Any]] = field(default_factory=list)

    def named(self, name: str) -> list[CollectedSpan]:
        """The spans with this name."""
        return [span for span in self.spans if span.name == name]

    def ancestors(self, span: CollectedSpan) -> list[str]:
        """The names of the spans around one, from the inside out."""
        by_id = {one.id: one for one in self.spans}
        names = []
        while (above := by_id.get(span.parent_id)) is not None:
            names.append(above.name)
            span = above
        return names

    async def take(self, request: web.Request) -> web.Response:
        """`POST /v1/traces`."""
        assert request.content_type == TYPE
        body = await request.read()
        if request.headers.get("content-encoding") == "gzip" and body.startswith(b"\x1f\x8b"):
            body = gzip.decompress(body)
        for group in ExportTraceServiceRequest.FromString(body).resource_spans:
            self.resources.append(_plain(group.resource.attributes))
            for scope in group.scope_spans:
                self.spans.extend(_span(span) for span in scope.spans)
        return web.Response(body=ExportTraceServiceResponse().SerializeToString(), content_type=TYPE)


@asynccontextmanager
async def otlp_collector() -> AsyncIterator[Collector]:
    """A collector on a free port of loopback."""
    collector = Collector()
    app = web.Application()
    app.router.add_post("/v1/traces", collector.take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    collector.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield collector
    await runner.cleanup()


def _span(span: Any) -> CollectedSpan:
    return CollectedSpan(
        span.name,
        span.span_id,
        span.parent_span_id,
        span.trace_id,
        span.status.code == span.status.STATUS_CODE_ERROR,
        _plain(span.attributes),
        [event.name for event in span.events],
    )


def _plain(attributes: Any) -> dict[str, Any]:
    return {one.key: getattr(one.value, one.value.WhichOneof("value")) for one in attributes}
