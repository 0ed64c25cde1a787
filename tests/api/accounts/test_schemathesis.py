"""Made-up requests against every documented route: no 5xx, nothing that the document does not say."""

import asyncio
from typing import Any, cast

import pytest
import schemathesis
from fastapi.routing import APIRoute
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.app import describe
from api.dependencies import access_of
from api.routers import ROUTERS
from core.security.permissions import ROLE_PERMISSIONS, Role, permitted
from tests.api.accounts.conftest import NewPerson
from tests.api.conftest import Api

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
TRIED = settings(
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
DOCUMENT = schemathesis.openapi.from_dict(describe().openapi())
OPERATIONS: list[Any] = [cast("Any", one).ok() for one in DOCUMENT.get_all_operations()]
ACCESS = {
    (method.lower(), route.path): access_of(route) or ""
    for router in ROUTERS
    for route in router.routes
    if isinstance(route, APIRoute)
    for method in route.methods or ()
}


def examples(operation: Any, role: Role | None) -> int:
    """How much is tried: most where the answer is not the refusal, which is the same for whatever is sent."""
    access = ACCESS[operation.method, operation.path]
    if access in ("public", "lead"):
        return 5 if role is None else 1
    if role is None:
        return 1
    return 4 if access == "own" or permitted(ROLE_PERMISSIONS[role], access) else 1


def attack(operation: Any, url: str, headers: dict[str, str], tried: int) -> None:
    """Try a route; raises at the first answer that the document does not allow."""

    @settings(TRIED, max_examples=tried)
    @given(case=operation.as_strategy())
    def run(case: Any) -> None:
        response = case.call(base_url=url, headers=headers, timeout=30)
        case.validate_response(response, checks=CHECKS)

    run()


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: one.label)
async def test_answers_are_as_documented(operation: Any, api: Api, new_person: NewPerson) -> None:
    roles: tuple[Role | None, ...] = (None, "viewer", "admin")
    if ACCESS[operation.method, operation.path].startswith("installation:"):
        roles += ("superadmin",)
    for role in roles:
        headers = (await new_person(role)).bearer if role else {}
        await asyncio.to_thread(attack, operation, api.url, headers, examples(operation, role))
