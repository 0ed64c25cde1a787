"""Made-up requests against every documented route: no 5xx, nothing that the document does not say."""

import asyncio
from typing import Any, cast

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.app import describe
from tests.api.accounts.conftest import NewPerson
from tests.api.conftest import Api

EXAMPLES = 5
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
TRIED = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
DOCUMENT = schemathesis.openapi.from_dict(describe().openapi())
OPERATIONS: list[Any] = [cast("Any", one).ok() for one in DOCUMENT.get_all_operations()]


def attack(operation: Any, url: str, headers: dict[str, str]) -> None:
    """Try a route; raises at the first answer that the document does not allow."""

    @TRIED
    @given(case=operation.as_strategy())
    def run(case: Any) -> None:
        response = case.call(base_url=url, headers=headers, timeout=30)
        case.validate_response(response, checks=CHECKS)

    run()


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: one.label)
@pytest.mark.parametrize("signed_in", [False, True], ids=["nobody", "admin"])
async def test_answers_are_as_documented(
    operation: Any, signed_in: bool, api: Api, new_person: NewPerson
) -> None:
    headers = (await new_person()).bearer if signed_in else {}
    await asyncio.to_thread(attack, operation, api.url, headers)
