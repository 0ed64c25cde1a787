"""Examples made from schemas: what a schema gives itself, else what its property's name stands for."""

import re
import tomllib
from pathlib import Path
from typing import Any

from agent.playbook.default import default_playbook

Json = dict[str, Any]

_FOLDER = Path(__file__).parent
_BY_NAME: Json = tomllib.loads((_FOLDER / "examples.toml").read_text(encoding="utf-8"))
STREAMS: dict[str, str] = _BY_NAME.pop("streams")
"""A short stream of each protocol."""
_MODELS: Json = _BY_NAME.pop("models")
_TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "array": list,
    "object": dict,
}
_BLANK: Json = {"string": "text", "integer": 1, "number": 1.0, "boolean": True, "object": {}}
_FORMATS = {"date-time": "2026-03-01T09:30:00Z", "date": "2026-03-01"}


class Examples:
    """Makes examples for one document's schemas."""

    def __init__(self, schemas: Json) -> None:
        self._schemas = schemas
        self._models: Json = {"Playbook": default_playbook().model_dump(mode="json"), **_MODELS}

    def value(self, schema: Json, name: str) -> Any:
        """An example of ``schema``, the value of a property called ``name``."""
        if "$ref" in schema:
            model = schema["$ref"].rpartition("/")[2]
            return self._models.get(model) or self.value(self._schemas[model], name)
        for own in ("examples", "enum"):
            if schema.get(own):
                return schema[own][0]
        if "const" in schema:
            return schema["const"]
        for options in (schema.get("anyOf"), schema.get("oneOf"), schema.get("allOf")):
            if options:
                return self.value(next(o for o in options if o.get("type") != "null"), name)
        return self._by_type(schema, name)

    def sent(self, schema: Json) -> Any:
        """An example of a body: what it needs and what is worth showing; if it needs nothing, all."""
        model = schema["$ref"].rpartition("/")[2] if "$ref" in schema else ""
        if model in self._models:
            return self._models[model]
        whole = self._schemas.get(model, schema)
        properties = whole.get("properties", {})
        shown = set(whole.get("required", ())) | {k for k, v in properties.items() if "examples" in v}
        return {k: self.value(v, k) for k, v in properties.items() if not shown or k in shown}

    def _by_type(self, schema: Json, name: str) -> Any:
        kind = schema.get("type")
        known = _BY_NAME.get(name)
        if known is not None and _fits(known, schema):
            return known
        if kind == "array":
            return [self.value(schema["items"], name)] if "items" in schema else []
        if kind == "object" and "properties" in schema:
            return {key: self.value(one, key) for key, one in schema["properties"].items()}
        if schema.get("default") is not None:
            return schema["default"]
        if schema.get("format") in _FORMATS:
            return _FORMATS[schema["format"]]
        return schema.get("minimum", _BLANK.get(kind or "string"))


def _fits(value: Any, schema: Json) -> bool:
    kind = _TYPES.get(schema.get("type", ""), object)
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        return False
    return "pattern" not in schema or re.search(schema["pattern"], str(value)) is not None
