"""`/healthz`, `/readyz` and `/metrics`: for orchestrators and Prometheus, not for people."""

import os
import secrets

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from api.dependencies import PartsOf, public
from api.operations.figures import look
from api.parts import Parts
from core.database import Claims
from core.errors import Unauthenticated, Unavailable
from core.metrics import JOBS, OLDEST_JOB_SECONDS

router = APIRouter(include_in_schema=False)
_STATUSES = ("todo", "doing", "failed")


@router.get("/healthz")
@public
async def healthz() -> Response:
    """The process lives."""
    return Response("ok\n", media_type="text/plain")


@router.get("/readyz")
@public
async def readyz(parts: PartsOf) -> Response:
    """The process takes requests: it is not shutting down, and the database answers."""
    if parts.runner.draining:
        raise Unavailable("This process is shutting down.")
    await parts.database.fetch(Claims.nobody(), "select 1 as one")
    return Response("ok\n", media_type="text/plain")


@router.get("/metrics")
@public
async def metrics(request: Request, parts: PartsOf) -> Response:
    """Prometheus' text format; behind `METRICS_TOKEN` as a Bearer token where that is set."""
    _check(request, parts)
    await _look(parts)
    return Response(generate_latest(_registry()), media_type=CONTENT_TYPE_LATEST)


def _check(request: Request, parts: Parts) -> None:
    token = parts.settings.metrics_token
    if token is None:
        return
    sent = request.headers.get("authorization", "").removeprefix("Bearer ")
    if not secrets.compare_digest(sent.encode(), token.get_secret_value().encode()):
        raise Unauthenticated("The metrics need METRICS_TOKEN as a Bearer token.")


async def _look(parts: Parts) -> None:
    """Figures that are read when somebody asks."""
    look(parts.runner, parts.database)
    rows = await parts.database.fetch(Claims.nobody(), "select * from app.job_figures()")
    found = {row["status"]: row for row in rows}
    for status in _STATUSES:
        JOBS.labels(status).set(found[status]["jobs"] if status in found else 0)
    OLDEST_JOB_SECONDS.set(found["todo"]["oldest_seconds"] if "todo" in found else 0)


def _registry() -> CollectorRegistry:
    """This process's figures, or those of all processes on this machine."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return REGISTRY
    together = CollectorRegistry()
    MultiProcessCollector(together)  # type: ignore[no-untyped-call]
    return together
