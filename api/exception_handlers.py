"""Turns whatever went wrong into the one envelope.

Two families of routes name the same fault differently: under ``/api/v1`` bad input is 422
``VALIDATION_ERROR`` and a missing token ``AUTH_REQUIRED``; elsewhere 400 ``INVALID_INPUT`` and
``UNAUTHORIZED``.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
import psycopg
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from core.clock import rfc3339, utc_now
from core.errors import InvalidInput, LimitlessError, Unauthenticated
from core.settings import get_settings

log = structlog.get_logger()

_CODES = {
    404: "NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    413: "PAYLOAD_TOO_LARGE",
    415: "UNSUPPORTED_MEDIA_TYPE",
}


def envelope(code: str, message: str, details: Mapping[str, Any], request_id: str) -> dict[str, Any]:
    """The body of an error."""
    return {
        "success": False,
        "error": {
            "code": code,
            "message": message,
            "details": dict(details),
            "request_id": request_id,
            "timestamp": rfc3339(utc_now()),
            "documentation_url": f"{get_settings().base_url}/errors#{code}",
        },
    }


def describe(fault: LimitlessError, path: str, request_id: str) -> tuple[int, dict[str, Any]]:
    """Status and body of ``fault`` on a route."""
    status, code = fault.status, fault.code
    if path.startswith("/api/v1"):
        if isinstance(fault, InvalidInput) and code == InvalidInput.code:
            status, code = 422, "VALIDATION_ERROR"
        elif isinstance(fault, Unauthenticated):
            code = "AUTH_REQUIRED"
    return status, envelope(code, fault.message, fault.details, request_id)


def request_id_of(request: Request) -> str:
    """The id that the middleware gave this request."""
    found = request.scope.get("request_id")
    return found if isinstance(found, str) else ""


def install_exception_handlers(app: FastAPI) -> None:
    """Every way out of a route that is not an answer, but what nobody expected: see `api.middleware`."""
    app.add_exception_handler(LimitlessError, _known)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(psycopg.DataError, _unstorable)
    app.add_exception_handler(HTTPException, _http)


async def _known(request: Request, fault: Exception) -> Response:
    assert isinstance(fault, LimitlessError)  # noqa: S101 - registered for this class
    status, body = describe(fault, request.url.path, request_id_of(request))
    return _answer(body, status, headers=fault.headers)


async def _invalid(request: Request, fault: Exception) -> Response:
    assert isinstance(fault, RequestValidationError)  # noqa: S101 - registered for this class
    found = [{"field": _path(one["loc"]), "message": _plain(one)} for one in fault.errors()]
    message = "; ".join(
        f"{one['field']}: {one['message']}" if one["field"] else one["message"] for one in found
    )
    return await _known(request, InvalidInput(message[:500], details={"errors": found}))


async def _unstorable(request: Request, fault: Exception) -> Response:
    """What no validation thought of: a NUL in a text, a number that no column holds."""
    log.warning("input_cannot_be_stored", path=request.url.path, reason=type(fault).__name__)
    return await _known(request, InvalidInput("It contains something that cannot be stored."))


async def _http(request: Request, fault: Exception) -> Response:
    assert isinstance(fault, HTTPException)  # noqa: S101 - registered for this class
    code = _CODES.get(fault.status_code, "INVALID_INPUT" if fault.status_code < 500 else "INTERNAL_ERROR")
    body = envelope(code, str(fault.detail), {}, request_id_of(request))
    return _answer(body, fault.status_code, headers=fault.headers)


def unexpected(path: str, request_id: str, fault: Exception) -> dict[str, Any]:
    """Write down what nobody expected; returns the answer's body, which says nothing of it."""
    log.error("request_failed", path=path, request_id=request_id, exc_info=fault)
    return envelope("INTERNAL_ERROR", "Something failed on our side.", {}, request_id)


def _answer(body: Mapping[str, Any], status: int, headers: Mapping[str, str] | None = None) -> Response:
    return Response(orjson.dumps(body), status, headers, "application/json")


def _path(location: Sequence[Any]) -> str:
    parts = [str(part) for part in location[1:]] if location and location[0] != "path" else list(location[1:])
    return ".".join(str(part) for part in parts)


def _plain(found: Mapping[str, Any]) -> str:
    return str(found["msg"]).removeprefix("Value error, ")
