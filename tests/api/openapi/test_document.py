"""The API's document: what clients are generated from."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import jsonschema_rs
import pytest
from fastapi.routing import APIRoute
from pydantic import TypeAdapter

from api.app import describe
from api.routers import ROUTERS

Json = dict[str, Any]
_IDS = Path(__file__).with_name("operation_ids.txt")


class Operation(NamedTuple):
    """One route."""

    path: str
    method: str
    data: Json

    @property
    def id(self) -> str:
        """Its name in every generated client."""
        return str(self.data["operationId"])


@pytest.fixture(scope="module")
def document() -> Json:
    return describe().openapi()


@pytest.fixture(scope="module")
def operations(document: Json) -> list[Operation]:
    return [
        Operation(path, method, data)
        for path, item in document["paths"].items()
        for method, data in item.items()
    ]


def test_every_route_says_what_it_is_for(operations: list[Operation]) -> None:
    for operation in operations:
        assert operation.data.get("summary"), operation.id
        assert operation.data.get("description"), operation.id
        assert operation.data.get("tags"), operation.id


def test_operation_ids_are_chosen_and_stay(operations: list[Operation]) -> None:
    ids = [operation.id for operation in operations]
    assert len(ids) == len(set(ids))
    assert all(re.fullmatch(r"[a-z][a-z0-9_]+", one) for one in ids)
    chosen = {route.operation_id for route in _routes()}
    assert chosen == set(ids), "FastAPI made one up"
    # Clients are generated from these names: one that goes away breaks them. New ones may be added.
    assert set(_IDS.read_text().split()) <= set(ids)


def test_every_error_is_of_the_one_shape(operations: list[Operation]) -> None:
    for operation in operations:
        faults = {status: r for status, r in operation.data["responses"].items() if status[0] in "45"}
        for status, fault in faults.items():
            content = fault["content"]["application/json"]
            assert content["schema"] == {"$ref": "#/components/schemas/ErrorAnswer"}, (operation.id, status)
            assert content["examples"], (operation.id, status)
        reads = operation.data.get("parameters") or operation.data.get("requestBody")
        bad_input = "422" if operation.path.startswith("/api/v1") else "400"
        assert bad_input in faults or not reads, operation.id


def test_shapes_are_named_as_clients_name_classes(document: Json) -> None:
    names = set(document["components"]["schemas"])
    assert [name for name in names if not re.fullmatch(r"[A-Z][A-Za-z]*", name)] == []
    assert "HTTPValidationError" not in names, "is never sent"


def test_every_answer_and_every_body_has_an_example_that_holds(
    document: Json, operations: list[Operation]
) -> None:
    components = {"components": document["components"]}
    validators: dict[str, Any] = {}
    seen = 0
    for operation in operations:
        for where, schema, example in _examples(operation.data):
            key = repr(schema)
            if key not in validators:
                validators[key] = jsonschema_rs.validator_for({**schema, **components})
            faults = [fault.message for fault in validators[key].iter_errors(example)]
            assert not faults, (operation.id, where)
            seen += 1
    assert seen > 500


def test_bodies_are_examples_that_the_routes_take(document: Json) -> None:
    for route in _routes():
        if route.body_field is None:
            continue
        [method] = route.methods or ("POST",)
        content = document["paths"][route.path][method.lower()]["requestBody"]["content"]
        if "application/json" in content:
            adapter = TypeAdapter[Any](route.body_field.field_info.annotation or Any)
            adapter.validate_python(content["application/json"]["example"])


def _routes() -> list[APIRoute]:
    routes = [route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)]
    return [route for route in routes if route.include_in_schema]


def _examples(operation: Json) -> Iterator[tuple[str, Json, Any]]:
    for status, answer in operation["responses"].items():
        for media_type, content in answer.get("content", {}).items():
            assert content.get("schema") is not None, (operation["operationId"], status)
            named = [one["value"] for one in content.get("examples", {}).values()]
            found = named or ([content["example"]] if "example" in content else [])
            assert found or media_type != "application/json", (operation["operationId"], status)
            yield from ((status, content["schema"], one) for one in found)
    for parameter in operation.get("parameters", ()):
        yield parameter["name"], parameter["schema"], parameter["example"]
    body = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if body is not None:
        yield "body", body["schema"], body["example"]
