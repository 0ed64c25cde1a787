"""A Pydantic model's JSON schema in the strict form that OpenAI's structured outputs ask for."""

import re
from functools import lru_cache
from typing import Any

import orjson
from pydantic import BaseModel

LEFT_OUT = frozenset({"default", "title", "discriminator"})
NAMED = frozenset({"properties", "$defs"})
"""Keywords whose value maps names to schemas."""


@lru_cache(maxsize=64)
def response_format(schema: type[BaseModel]) -> orjson.Fragment:
    """The ``response_format`` that asks for ``schema``, serialised once."""
    name = re.sub(r"\W", "_", schema.__name__)[:64]
    wanted = {"name": name, "strict": True, "schema": strict_schema(schema)}
    return orjson.Fragment(orjson.dumps({"type": "json_schema", "json_schema": wanted}))


@lru_cache(maxsize=64)
def schema_text(schema: type[BaseModel]) -> str:
    """The same schema in words, for an endpoint that takes none."""
    return orjson.dumps(strict_schema(schema)).decode()


def strict_schema(schema: type[BaseModel]) -> dict[str, Any]:
    """Every object closed, every property required, no defaults, no words beside a ``$ref``."""
    whole = schema.model_json_schema()
    return _strict(whole, whole)


def _strict(node: dict[str, Any], whole: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in node and len(node) > 1:
        beside = {key: value for key, value in node.items() if key != "$ref"}
        return _strict({**_resolved(node["$ref"], whole), **beside}, whole)
    strict: dict[str, Any] = {}
    for key, value in node.items():
        if key in NAMED:
            strict[key] = {name: _strict(part, whole) for name, part in value.items()}
        elif key not in LEFT_OUT:
            strict["anyOf" if key == "oneOf" else key] = _strict_value(value, whole)
    if strict.get("type") == "object":
        strict["additionalProperties"] = False
        strict["required"] = list(strict.get("properties", ()))
    return strict


def _strict_value(value: object, whole: dict[str, Any]) -> object:
    if isinstance(value, dict):
        return _strict(value, whole)
    if isinstance(value, list):
        return [_strict_value(part, whole) for part in value]
    return value


def _resolved(reference: str, whole: dict[str, Any]) -> dict[str, Any]:
    node = whole
    for part in reference.removeprefix("#/").split("/"):
        node = node[part]
    return node
