"""`GET /api/v1/health`."""

from time import monotonic
from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel

from api.counting import COUNTED_MONITORING
from api.dependencies import PartsOf, public
from api.schemas import Timestamp, errors
from core.clock import utc_now
from core.database import Claims
from core.errors import Unavailable

router = APIRouter(prefix="/api/v1", tags=["health"])
Status = Literal["healthy", "degraded", "unhealthy"]


class ConnectionPool(BaseModel):
    """Connections to the database."""

    active: int
    idle: int
    max: int


class ServiceHealth(BaseModel):
    """One part."""

    status: Status
    response_time_ms: float | None = None
    last_check: Timestamp | None = None
    connection_pool: ConnectionPool | None = None
    memory_usage: str | None = None
    connected_clients: int | None = None


class ProcessMetrics(BaseModel):
    """What this process counts."""

    requests_per_minute: float
    average_response_time_ms: float
    response_time_ms: float
    error_rate: float
    active_connections: int


class Health(BaseModel):
    """How the installation is."""

    status: Status
    timestamp: Timestamp
    version: str
    uptime: int
    services: dict[str, ServiceHealth]
    metrics: ProcessMetrics


@router.get(
    "/health",
    summary="How the installation is",
    operation_id="get_health",
    dependencies=[COUNTED_MONITORING],
    responses=errors(429),
)
@public
async def get_health(parts: PartsOf) -> Health:
    """Answers 200 as long as this process serves; ``status`` says whether it can do its work."""
    database = await _database(parts)
    served = parts.traffic.snapshot()
    return Health(
        status="healthy" if database.status == "healthy" else "unhealthy",
        timestamp=utc_now(),
        version=parts.version,
        uptime=int(monotonic() - parts.started_at),
        services={"database": database, "agent": _agent(parts), **await _redis(parts)},
        metrics=ProcessMetrics(
            requests_per_minute=served.requests_per_minute,
            average_response_time_ms=served.average_ms,
            response_time_ms=served.average_ms,
            error_rate=served.error_rate,
            active_connections=served.active,
        ),
    )


async def _database(parts: PartsOf) -> ServiceHealth:
    began = monotonic()
    try:
        await parts.database.fetch(Claims.nobody(), "select 1 as one")
    except Unavailable:
        return ServiceHealth(status="unhealthy", last_check=utc_now())
    figures = parts.database.figures()
    idle = figures.get("pool_available", 0)
    return ServiceHealth(
        status="healthy",
        response_time_ms=round((monotonic() - began) * 1000, 1),
        last_check=utc_now(),
        connection_pool=ConnectionPool(
            active=figures.get("pool_size", 0) - idle, idle=idle, max=figures.get("pool_max", 0)
        ),
    )


async def _redis(parts: PartsOf) -> dict[str, ServiceHealth]:
    """Where limits are counted, if it is not the database; while it is away, the database does."""
    began = monotonic()
    try:
        figures = await parts.limits.figures()
    except Unavailable:
        return {"redis": ServiceHealth(status="degraded", last_check=utc_now())}
    if figures is None:
        return {}
    took = round((monotonic() - began) * 1000, 1)
    return {"redis": ServiceHealth(status="healthy", response_time_ms=took, last_check=utc_now(), **figures)}


def _agent(parts: PartsOf) -> ServiceHealth:
    return ServiceHealth(status="healthy", last_check=utc_now(), connected_clients=parts.runner.running)
