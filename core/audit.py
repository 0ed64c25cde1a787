"""Writing down what happened. Changes of audited tables write themselves; this is for the rest."""

from collections.abc import Mapping
from typing import Any, Literal

from psycopg.types.json import Jsonb

from core.database.pool import Connection

SecurityEvent = Literal[
    "login_success",
    "login_failure",
    "api_key_created",
    "api_key_accessed",
    "api_key_rotated",
    "rate_limit_exceeded",
    "suspicious_activity",
    "sensitive_data_access",
    "data_export",
]


async def record(
    connection: Connection,
    event: SecurityEvent,
    resource: str | None = None,
    resource_id: str | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Append to the audit chain of the connection's organization; ``after`` must hold nothing secret.

    Who did it and from where stand in the connection's claims.
    """
    await connection.execute(
        "select app.record_event(%s, %s, %s, null, %s)",
        (event, resource, resource_id, None if after is None else Jsonb(dict(after))),
    )
