"""Every route is counted, as the references say it is."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import aiohttp
import pytest
from fastapi import Request
from fastapi.routing import APIRoute

from api.app import describe
from api.counting import COUNTED_AUTHENTICATION, COUNTED_MONITORING, Whom, categories_of
from api.routers import COUNT_FOR_THEMSELVES, ROUTERS
from core.errors import RateLimited, Unavailable
from core.limits import Limit, Limits, Standing
from core.settings import Settings
from tests.api.accounts.conftest import Connect, NewPerson
from tests.api.accounts.people import Answer
from tests.api.conftest import Api, ServeApi

ROUTES = [
    (route, [*categories_of(route), *([] if router in COUNT_FOR_THEMSELVES else [("default", "address")])])
    for router in ROUTERS
    for route in router.routes
    if isinstance(route, APIRoute)
]
"""Every route, and what it is counted as."""


class Category(NamedTuple):
    """What the references allow, to whom, and on which routes."""

    setting: str
    allowed: str
    whom: Whom
    routes: str


CATEGORIES = [
    Category(
        "authentication", "10/minute", "address", r"/api/v1/auth/(login|token|refresh|register|password).*"
    ),
    Category("authentication", "10/minute", "address", r"/api/v1/mfa/.*"),
    Category("campaigns", "100/minute", "organization_id", r"/api/campaigns(/create|/\{code\})?"),
    Category("documents_upload", "10/hour", "organization_id", r"/api/documents/upload"),
    Category("data_export", "10/minute", "user_id", r"/api/.*(/export|\.csv)"),
    Category("analytics", "1000/hour", "user_id", r"/api/(v1/)?analytics/dashboard"),
    Category("monitoring", "1000/hour", "address", r"/api/v1/(health|monitoring/.*)"),
    Category("data_sync", "50/hour", "organization_id", r"/api/v1/platform-connections/.*sync"),
    Category(
        "platform_connections", "100/hour", "organization_id", r"/api/v1/platform-connections/(?!.*sync$).*"
    ),
    Category("data_ingestion", "500/hour", "organization_id", r"/api/v1/data-ingestion/.*"),
    Category("data_quality", "200/hour", "organization_id", r"/api/v1/data-quality/.*"),
    Category("webhooks", "50/hour", "organization_id", r"/api/v1/webhooks.*"),
]
CHAT = {"/api/chat", "/api/chat/stream", "/api/chat/ai-sdk"}
"""A message is counted by its handle, its address and its campaign, where it is written down."""
NOT_COUNTED = re.compile(
    r"/healthz|/readyz|/metrics|/owner|/errors|/chat/.*|/pay/.*|/embed/.*|/widget\.js|/account.*"
)
"""What orchestrators ask, and pages."""


def test_every_route_is_counted() -> None:
    missing = [
        (route.path, route.methods)
        for route, categories in ROUTES
        if not categories
        and not (route.path in CHAT and route.methods == {"POST"})
        and not NOT_COUNTED.fullmatch(route.path)
    ]
    assert missing == []
    assert len(ROUTES) > 80


@pytest.mark.parametrize("category", CATEGORIES, ids=lambda one: f"{one.setting}:{one.routes}")
def test_a_route_is_counted_as_the_references_say(category: Category) -> None:
    assert Settings.model_fields[f"rate_limit_{category.setting}"].default == category.allowed
    wrong = [
        route.path
        for route, categories in ROUTES
        if re.fullmatch(category.routes, route.path)
        and not route.path.startswith("/api/chat/privacy")
        and (category.setting, category.whom) not in categories
    ]
    assert wrong == []


def test_the_references_limits_of_chat_and_of_all_the_rest() -> None:
    defaults = Settings(_env_file=None)
    assert (defaults.rate_limit_chat, defaults.rate_limit_default) == ("10/minute", "1000/minute")


def test_a_counted_route_says_that_it_may_refuse() -> None:
    document = describe().openapi()
    silent = [
        (path, method)
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
        if "429" not in operation["responses"]
    ]
    assert silent == []


async def test_every_counted_answer_says_how_its_limit_stands(
    api: Api, serve_api: ServeApi, new_person: NewPerson
) -> None:
    settings = api.parts.settings.model_copy(
        update={"rate_limit_default": "5000/minute", "rate_limit_campaigns": "70/minute"}
    )
    person = await new_person()
    async with serve_api(settings) as limited, aiohttp.ClientSession(limited.url) as http:
        for path, status, limit in (
            ("/api/v1/users", 200, "5000"),
            ("/api/v1/users/user_none", 404, "5000"),
            ("/api/v1/users?limit=none", 422, "5000"),
            ("/api/v1/tenants", 403, "5000"),
            ("/api/campaigns", 200, "70"),
            ("/api/campaigns/NONE", 404, "70"),
        ):
            async with http.get(path, headers=person.bearer) as answer:
                assert answer.status == status, path
                assert answer.headers.getall("x-ratelimit-limit") == [limit], path
                assert answer.headers["x-ratelimit-window"] == "60"
                assert int(answer.headers["x-ratelimit-remaining"]) < int(limit)
                assert int(answer.headers["x-ratelimit-reset"]) > 0
        async with http.get("/api/v1/users") as answer:
            assert (answer.status, answer.headers["x-ratelimit-limit"]) == (401, "5000")


async def test_an_organization_is_counted_over_all_its_people_and_no_other(
    api: Api, serve_api: ServeApi, new_person: NewPerson
) -> None:
    settings = api.parts.settings.model_copy(update={"rate_limit_campaigns": "2/minute"})
    first = await new_person()
    second, foreign = await new_person("viewer", first.organization_id), await new_person()
    async with serve_api(settings) as limited, aiohttp.ClientSession(limited.url) as http:
        statuses = []
        for who in (first, second, first, second, foreign):
            async with http.get("/api/campaigns", headers=who.bearer) as answer:
                statuses.append(answer.status)
                told = answer.headers.get("retry-after")
                assert (told is None) == (answer.status == 200)
    assert statuses == [200, 200, 429, 429, 200]


async def test_the_first_refusal_is_written_down_and_no_other(
    api: Api, serve_api: ServeApi, new_person: NewPerson, connect: Connect
) -> None:
    settings = api.parts.settings.model_copy(update={"rate_limit_data_export": "1/minute"})
    person = await new_person()
    async with serve_api(settings) as limited, connect(limited.url) as ask:
        answers: list[Answer] = [await ask.text("/audit/export?format=csv", person.bearer) for _ in range(4)]
        assert [answer.status for answer in answers] == [200, 429, 429, 429]
        found = await ask("GET", "/audit?event_type=rate_limit_exceeded", None, person.bearer)
    assert len(found.body["items"]) == 1
    assert found.body["items"][0]["after"] == {"what": "data_export"}


class Away:
    """A counter that cannot count."""

    async def count(self, limits: Sequence[Limit]) -> list[Standing]:
        raise Unavailable("away")

    async def forget(self, counted: Limit) -> None:
        raise Unavailable("away")

    async def figures(self) -> None:
        return None


async def test_health_is_told_when_nobody_can_count(api: Api) -> None:
    settings = api.parts.settings.model_copy(update={"rate_limit_authentication": "1/minute"})
    parts = replace(api.parts, settings=settings, limits=Limits(Away()))
    request = Request({"type": "http", "client": ("203.0.113.7", 1), "headers": []})
    await COUNTED_MONITORING.dependency(request, parts)
    with pytest.raises(Unavailable):
        await COUNTED_AUTHENTICATION.dependency(request, parts)


@pytest.mark.parametrize("kind", [RateLimited, *RateLimited.__subclasses__()])
def test_every_429_says_when_to_come_back(kind: type[RateLimited]) -> None:
    assert kind.status == 429
    assert int(kind("Enough.").headers["Retry-After"]) > 0
    assert kind("Enough.", headers={"Retry-After": "7"}).headers == {"Retry-After": "7"}
