"""Completes FastAPI's document: examples everywhere, and one shape for all errors."""

from collections.abc import Iterator
from typing import Any

from api.exception_handlers import envelope
from api.openapi.examples import STREAMS, Examples
from core.errors import InvalidInput, LimitlessError, Unauthenticated

Json = dict[str, Any]

ERROR: Json = {"$ref": "#/components/schemas/ErrorAnswer"}
REQUEST_ID = "req_01k8wq3v5tf2r9d0x7m4c6b1ya"
_NOT_SENT = ("HTTPValidationError", "ValidationError")
"""What FastAPI would answer bad input with; `api.exception_handlers` answers instead."""


def complete(document: Json) -> Json:
    """The same document, in place."""
    schemas = document["components"]["schemas"]
    for name in _NOT_SENT:
        schemas.pop(name, None)
    examples = Examples(schemas)
    for path, operations in document["paths"].items():
        for operation in operations.values():
            _say_bad_input(operation["responses"], path)
            for status, response in operation["responses"].items():
                _exemplify(response, examples, path, status)
            for parameter in operation.get("parameters", ()):
                parameter.setdefault("example", examples.value(parameter["schema"], parameter["name"]))
            for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
                if media_type == "application/json":
                    content.setdefault("example", examples.sent(content["schema"]))
    return document


def _say_bad_input(responses: Json, path: str) -> None:
    """FastAPI writes 422 for every route that reads something; outside of `/api/v1` it is 400."""
    if responses.pop("422", None) is None:
        return
    status = "422" if path.startswith("/api/v1") else "400"
    responses[status] = {
        "description": "The request is not acceptable",
        "content": {"application/json": {"schema": ERROR}},
    }


def _exemplify(response: Json, examples: Examples, path: str, status: str) -> None:
    for media_type, content in response.get("content", {}).items():
        if content.get("schema") == ERROR:
            content["examples"] = dict(_errors(int(status), path))
        elif media_type == "text/event-stream":
            content["schema"] = {"type": "string"}
            content["example"] = STREAMS["ai-sdk" if "ai-sdk" in path else "chat"]
        elif media_type == "application/json":
            content.setdefault("example", examples.value(content["schema"], ""))
        else:
            form = {} if media_type.startswith("text/") else {"format": "binary"}
            content.setdefault("schema", {"type": "string", **form})


def _errors(status: int, path: str) -> Iterator[tuple[str, Json]]:
    """Every fault that a status can stand for, as the route words it."""
    within_v1 = path.startswith("/api/v1")
    for kind in _family(LimitlessError):
        code, sent = kind.code, kind.status
        if within_v1 and kind is InvalidInput:
            code, sent = "VALIDATION_ERROR", 422
        elif within_v1 and kind is Unauthenticated:
            code = "AUTH_REQUIRED"
        if sent == status:
            meaning = (kind.__doc__ or "").partition("\n")[0]
            yield code, {"summary": meaning, "value": envelope(code, meaning, {}, REQUEST_ID)}


def _family(kind: type[LimitlessError]) -> Iterator[type[LimitlessError]]:
    for child in kind.__subclasses__():
        yield child
        yield from _family(child)
