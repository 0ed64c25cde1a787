"""Every route of the application × everybody who might call it, held to the permission table."""

import re
from datetime import timedelta
from typing import Any

import aiohttp
import psycopg
import pytest
from fastapi.routing import APIRoute

from api.dependencies import access_of
from api.routers import ROUTERS
from core.security.permissions import ROLE_PERMISSIONS, ROLES, Role, permitted
from core.security.tokens import OwnerTokens
from tests.api.accounts.conftest import NewPerson
from tests.api.accounts.people import Client, Person
from tests.api.accounts.test_vault import stored
from tests.api.chat.talking import say
from tests.api.conftest import Api, NewOrganization, ServeApi
from tests.api.organization import Organization
from tests.standins.supabase_auth import supabase_auth

ROUTES = [route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)]
GUARDED = [route for route in ROUTES if access_of(route) not in ("public", "lead")]
OPEN = [route for route in ROUTES if access_of(route) in ("public", "lead")]
FIXED = {"form": "png", "link": "x", "provider": "none", "key_name": "none"}
Headers = dict[str, str]


def method_of(route: APIRoute) -> str:
    """The one method of a route."""
    (method,) = route.methods - {"HEAD"} if route.methods else {"GET"}
    return method


def path_of(route: APIRoute, known: dict[str, str]) -> str:
    """The route's address with ids filled in; what is not known does not exist."""
    return re.sub(r"\{(\w+)\}", lambda m: known.get(m[1], FIXED.get(m[1], "none")), route.path)


async def call(
    http: aiohttp.ClientSession,
    route: APIRoute,
    headers: Headers,
    known: dict[str, str] | None = None,
    body: Any = None,
) -> tuple[int, bytes]:
    """Status and answer, without what differs every time."""
    method = method_of(route)
    sent = None if method in ("GET", "DELETE") else ({} if body is None else body)
    async with http.request(
        method, path_of(route, known or {}), json=sent, headers=headers, allow_redirects=False
    ) as answer:
        read = await answer.read() if "event-stream" not in answer.content_type else b""
    return answer.status, re.sub(rb'"(request_id|timestamp)":"[^"]*"', b"", read)


def name_of(route: APIRoute) -> str:
    """How a failure names a route."""
    return f"{method_of(route)} {route.path}"


def test_every_route_says_who_may_call_it() -> None:
    assert [name_of(route) for route in ROUTES if access_of(route) is None] == []
    assert len(ROUTES) > 80


def test_a_route_that_says_nothing_is_noticed() -> None:
    async def forgotten() -> None: ...

    assert access_of(APIRoute("/forgotten", forgotten)) is None


@pytest.mark.parametrize("role", ROLES)
async def test_a_role_may_what_the_table_says(
    role: Role, stranger: aiohttp.ClientSession, new_person: NewPerson
) -> None:
    wrong = []
    for route in GUARDED:
        headers = (await new_person(role)).bearer
        status, _ = await call(stranger, route, headers)
        if not as_the_table_says(route, role, status):
            wrong.append((name_of(route), access_of(route), status))
    assert wrong == []


def as_the_table_says(route: APIRoute, role: Role, status: int) -> bool:
    """Whether a member with ``role`` was answered as the table wants it."""
    access = access_of(route) or ""
    if access == "own" or permitted(ROLE_PERMISSIONS[role], access):
        return status not in (401, 403) and status < 500
    return status == 403


async def test_tokens_of_supabase_alone_do_on_every_route(
    api: Api, serve_api: ServeApi, new_person: NewPerson
) -> None:
    wrong = []
    async with supabase_auth() as project:
        settings = api.parts.settings.model_copy(update={"supabase_url": project.url})
        async with serve_api(settings) as served, aiohttp.ClientSession(served.url) as http:
            for number, route in enumerate(GUARDED):
                role = ROLES[number % len(ROLES)]
                who = await new_person(role)
                token = project.sign(project.elliptic, "ES256", email=who.email, sub=who.user_id)
                status, _ = await call(http, route, {"Authorization": f"Bearer {token}"})
                if not as_the_table_says(route, role, status):
                    wrong.append((name_of(route), role, status))
    assert wrong == []


OUTSIDERS = [
    "nobody",
    "nonsense",
    "expired",
    "deactivated",
    "of another organization",
    "api key without the scope",
]


@pytest.fixture(params=OUTSIDERS)
async def outsider(
    request: pytest.FixtureRequest,
    api: Api,
    ask: Client,
    person: Person,
    new_person: NewPerson,
    postgres_of: psycopg.Connection,
) -> tuple[Headers, int]:
    """Somebody who may nothing, and how they are told."""
    match request.param:
        case "nobody":
            return {}, 401
        case "nonsense":
            return {"Authorization": "Bearer nonsense"}, 401
        case "expired":
            tokens = OwnerTokens(api.parts.secret_key, timedelta(minutes=-1))
            claims = api.parts.authenticator._own.verify(person.token)
            late = tokens.issue(
                user_id=person.user_id,
                organization_id=person.organization_id,
                role="admin",
                email=person.email,
                session_id=claims.session_id,
            )
            return {"Authorization": f"Bearer {late.value}"}, 401
        case "deactivated":
            postgres_of.execute(
                "update memberships set is_active = false where user_id = %s", (person.user_id,)
            )
            return person.bearer, 401
        case "elsewhere":
            other = await new_person()
            return {**person.bearer, "X-Organization-ID": other.organization_id}, 403
    made = await ask("POST", "/api-keys", {"name": "k", "scopes": ["read:nothing"]}, person.bearer)
    return {"X-API-Key": made.body["key"]}, 403


async def test_outsiders_may_nothing(stranger: aiohttp.ClientSession, outsider: tuple[Headers, int]) -> None:
    headers, expected = outsider
    wrong = []
    for route in GUARDED:
        status, _ = await call(stranger, route, headers)
        if status != expected:
            wrong.append((name_of(route), status))
    assert wrong == []


async def test_open_routes_do_not_care_who_asks(stranger: aiohttp.ClientSession, person: Person) -> None:
    wrong = []
    for route in OPEN:
        statuses = [(await call(stranger, route, headers))[0] for headers in ({}, person.bearer)]
        if statuses[0] != statuses[1] or statuses[0] >= 500:
            wrong.append((name_of(route), statuses))
    # A conversation's state is for its lead, or for its owner.
    assert wrong == [("GET /api/conversations/{thread_id}/state", [401, 404])]


BODIES: dict[str, Any] = {
    "change_campaign": {"name": "Mine now"},
    "change_user": {"role": "viewer"},
    "change_tenant": {"name": "Mine now"},
    "rotate_key": {"new_credentials": {"access_token": "mine-now"}},
}


@pytest.fixture
async def belongings(
    organization: Organization, ask: Client, http: aiohttp.ClientSession, api: Api
) -> dict[str, str]:
    """Ids of an organization's own things, by the names of path parameters."""
    owner = Person(organization.user_id, organization.id, organization.email, "admin", organization.token, "")
    invited = await ask("POST", "/invitations", {"email": "a@b.co", "role": "viewer"}, owner.bearer)
    key = await ask("POST", "/api-keys", {"name": "k", "scopes": ["read:*"]}, owner.bearer)
    request = await ask("POST", "/gdpr/export", None, owner.bearer)
    await stored(ask, owner)
    form = aiohttp.FormData()
    form.add_field("file", b"We open at nine.", filename="hours.txt", content_type="text/plain")
    async with http.post("/api/documents/upload", data=form, headers=owner.bearer) as answer:
        document = (await answer.json())["document"]["id"]
    thread = (await say(http, organization.code, "hello"))[-1].data["thread_id"]
    return {
        "code": organization.code,
        "user_id": organization.user_id,
        "tenant_id": organization.id,
        "invitation_id": invited.body["id"],
        "key_id": key.body["id"],
        "request_id": request.body["id"],
        "provider": "meta_business",
        "key_name": "production_key",
        "document_id": document,
        "thread_id": thread,
        "id": thread,
    }


async def test_anothers_id_answers_byte_for_byte_like_one_that_does_not_exist(
    belongings: dict[str, str],
    organization: Organization,
    new_organization: NewOrganization,
    stranger: aiohttp.ClientSession,
) -> None:
    foreign = await new_organization()
    wrong = []
    seen = set()
    for route in GUARDED:
        parameters = set(re.findall(r"\{(\w+)\}", route.path))
        if not parameters:
            continue
        unknown = parameters - set(belongings)
        assert not unknown, f"{name_of(route)}: say in `belongings` what {unknown} is"
        body = BODIES.get(route.operation_id or "")
        theirs = await call(stranger, route, foreign.bearer, belongings, body)
        missing = {name: _missing(value) for name, value in belongings.items()}
        nobodys = await call(stranger, route, foreign.bearer, missing, body)
        hidden = nobodys[1]
        for name, value in missing.items():
            hidden = hidden.replace(value.encode(), belongings[name].encode())
        if theirs[0] != 404 or (theirs[0], theirs[1]) != (nobodys[0], hidden):
            wrong.append((name_of(route), theirs, nobodys))
        seen |= parameters
    assert wrong == []
    assert len(seen) >= 9
    for route in GUARDED:
        if method_of(route) == "GET" and set(re.findall(r"\{(\w+)\}", route.path)):
            status, _ = await call(stranger, route, organization.bearer, belongings)
            assert status == 200, f"{name_of(route)} is not there for its owner: {status}"


def _missing(value: str) -> str:
    """An id of the same form that nothing has."""
    return value[:-4] + ("zzzz" if value[-4:].islower() else "ZZZZ" if value[-4:].isupper() else "0000")
