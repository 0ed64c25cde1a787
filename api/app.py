"""The application factory."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from importlib.metadata import version

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.cross_origin import cross_origin
from api.exception_handlers import install_exception_handlers
from api.forwarded import Forwarded
from api.middleware import BodyBounds, RequestGate, UnexpectedFaults
from api.openapi import DocumentedApi
from api.pages.routes import static_files
from api.parts import Parts, open_parts
from api.payments.routes import WEBHOOK_BODY_LIMIT, WEBHOOK_PATHS
from api.routers import include_routers
from api.traffic import Traffic
from core.proxies import TrustedProxies
from core.settings import Settings
from core.tracing import tracing

STREAMING_BODIES = ("/api/documents/upload",)
"""Routes that bound their own, larger bodies."""
LARGER_BODIES = {"/api/chat/ai-sdk": 2 * 1024 * 1024, **dict.fromkeys(WEBHOOK_PATHS, WEBHOOK_BODY_LIMIT)}
"""Routes whose clients send more: the AI SDK the whole conversation with each message, Stripe its objects."""


def create_app(settings: Settings, conninfo: str) -> FastAPI:
    """The whole HTTP face over the database at ``conninfo``."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with open_parts(settings, conninfo) as parts:
            app.state.parts = parts
            yield

    app = describe(lifespan)
    _surround(app, settings)
    return app


def describe(lifespan: Callable[[FastAPI], AbstractAsyncContextManager[None]] | None = None) -> FastAPI:
    """The application and its document; without ``lifespan`` it can be read, not served."""
    app = DocumentedApi(
        title="Limitless",
        version=version("limitless"),
        summary="A sales agent that talks.",
        docs_url=None,
        redoc_url=None,
        telemetry={"tracing": tracing(), "operation_spans": False, "metrics": False, "logs": False},
        lifespan=lifespan,
    )
    install_exception_handlers(app)
    include_routers(app)
    app.mount("/static", static_files())
    return app


def _surround(app: FastAPI, settings: Settings) -> None:
    """What a request goes through; the last one added is the first to see it."""
    app.add_middleware(CountTraffic)
    app.add_middleware(BodyBounds, streaming=STREAMING_BODIES, larger=LARGER_BODIES)
    app.add_middleware(UnexpectedFaults)
    if settings.cors_origins:
        app.add_middleware(CORSMiddleware, **cross_origin(settings.cors_origins))
    app.add_middleware(RequestGate)
    if settings.trusted_proxies:
        app.add_middleware(Forwarded, trusted=TrustedProxies.parse(settings.trusted_proxies))


class CountTraffic:
    """Counts what is served, for `GET /api/v1/health`."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        parts: Parts = scope["app"].state.parts
        traffic: Traffic = parts.traffic
        began, status = traffic.begin(), 500

        async def watching(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, watching)
        finally:
            traffic.end(began, failed=status >= 500)
