"""Schemas in the strict form of structured outputs."""

from typing import Any, Literal

import orjson
from pydantic import BaseModel, Field

from core.models.strict_schema import response_format, strict_schema


class Doubt(BaseModel):
    kind: Literal["price", "time"]
    words: str = Field(default="", title="Words", description="as they were said")


class Heard(BaseModel):
    title: str | None = None
    default: int = 3
    doubts: list[Doubt] = Field(default_factory=list)
    worst: Doubt | None = Field(default=None, description="the one that counts")
    first: Doubt = Field(description="the one that came first")


def objects(node: object) -> list[dict[str, Any]]:
    if isinstance(node, dict):
        inner = [found for value in node.values() for found in objects(value)]
        return [node, *inner] if node.get("type") == "object" else inner
    if isinstance(node, list):
        return [found for value in node for found in objects(value)]
    return []


def test_closes_every_object_and_requires_every_property() -> None:
    found = objects(strict_schema(Heard))
    assert len(found) == 3
    for schema in found:
        assert schema["additionalProperties"] is False
        assert schema["required"] == list(schema["properties"])


def test_drops_keywords_but_no_property_that_is_called_like_one() -> None:
    schema = strict_schema(Heard)
    assert {"title", "default"} <= set(schema["properties"])
    assert "default" not in schema["properties"]["default"]
    assert "title" not in schema


def test_puts_what_stands_beside_a_reference_into_the_schema_itself() -> None:
    first = strict_schema(Heard)["properties"]["first"]
    assert "$ref" not in first
    assert first["description"] == "the one that came first"
    assert first["properties"]["words"] == {"type": "string", "description": "as they were said"}


def test_asks_for_it_by_name_and_strictly() -> None:
    wanted = orjson.loads(orjson.dumps(response_format(Heard)))
    assert wanted["type"] == "json_schema"
    assert wanted["json_schema"]["name"] == "Heard"
    assert wanted["json_schema"]["strict"] is True
