"""What routes ask for: the parts, and who is asking.

Every route says who may call it: `may` with a permission, `Owner` for what people do with their own
account, or one of the marks `public` and `for_leads`. A test walks the routes and fails for one that
says nothing.
"""

from collections.abc import Callable, Iterator
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Header, Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from fastapi.security import APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer

from api.parts import Parts
from core.errors import Forbidden, Unauthenticated
from core.security.principal import Principal


async def parts_of(request: Request) -> Parts:
    """The process's parts; async, since FastAPI sends what is not to a thread."""
    parts = request.app.state.parts
    assert isinstance(parts, Parts)  # noqa: S101 - put there by the application's lifespan
    return parts


PartsOf = Annotated[Parts, Depends(parts_of)]
_bearer = HTTPBearer(auto_error=False, description="An owner's access token, or an API key")
_api_key = APIKeyHeader(name="X-API-Key", auto_error=False, description="An API key")
Bearer = Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
ApiKey = Annotated[str | None, Depends(_api_key)]
WantedOrganization = Annotated[
    str | None,
    Header(
        alias="X-Organization-ID",
        pattern=r"^[A-Za-z0-9_-]{1,64}$",
        description="The organization to act in; without it, the token's own",
    ),
]


async def principal_if_any(
    parts: PartsOf, credentials: Bearer, api_key: ApiKey, organization_id: WantedOrganization = None
) -> Principal | None:
    """Who is asking, if they say so; raises `core.errors.InvalidToken` or `Forbidden`."""
    if credentials is not None:
        return await parts.authenticator.by_bearer(credentials.credentials, organization_id)
    if api_key is not None:
        return await parts.authenticator.by_api_key(api_key, organization_id)
    return None


PrincipalIfAny = Annotated[Principal | None, Depends(principal_if_any)]


async def principal_of(principal: PrincipalIfAny) -> Principal:
    """Who is asking; raises `core.errors.Unauthenticated` when nobody says."""
    if principal is None:
        raise Unauthenticated(
            "A Bearer token is needed.", headers={"WWW-Authenticate": 'Bearer realm="limitless"'}
        )
    return principal


PrincipalOf = Annotated[Principal, Depends(principal_of)]


class Access:
    """Who may call a route: a permission, or ``own``."""

    def __init__(self, permission: str) -> None:
        self.permission = permission


class may(Access):  # noqa: N801 - reads as a word in front of its permission
    """A dependency that lets in only who holds ``permission``, and hands over the principal."""

    async def __call__(self, principal: PrincipalOf) -> Principal:
        """The principal; raises `core.errors.Forbidden`."""
        principal.require(self.permission)
        return principal


class _Own(Access):
    async def __call__(self, principal: PrincipalOf) -> Principal:
        if principal.scopes is not None:
            raise Forbidden("An API key cannot do this; sign in", details={"required": "a person"})
        return principal


Owner = Annotated[Principal, Depends(_Own("own"))]
"""A person, whatever their role: for what one does with one's own account."""
_OPEN: dict[Callable[..., Any], str] = {}
Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])


def public(endpoint: Endpoint) -> Endpoint:
    """Marks a route that anybody may call."""
    _OPEN[endpoint] = "public"
    return endpoint


def for_leads(endpoint: Endpoint) -> Endpoint:
    """Marks a route of leads, which checks their session itself."""
    _OPEN[endpoint] = "lead"
    return endpoint


def access_of(route: APIRoute) -> str | None:
    """What calling a route takes: a permission, ``own``, ``public`` or ``lead``; None when it is not said."""
    for one in flat(route.dependant):
        if isinstance(one.call, Access):
            return one.call.permission
    return _OPEN.get(route.endpoint)


def flat(dependant: Dependant) -> Iterator[Dependant]:
    """A dependency and all that it depends on."""
    yield dependant
    for one in dependant.dependencies:
        yield from flat(one)
