"""What routes ask for: the parts, the principal, the limits."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Request, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from api.parts import Parts
from core import limits
from core.errors import Unauthenticated
from core.security.principal import Principal


def parts_of(request: Request) -> Parts:
    """The process's parts."""
    parts = request.app.state.parts
    assert isinstance(parts, Parts)  # noqa: S101 - put there by the application's lifespan
    return parts


PartsOf = Annotated[Parts, Depends(parts_of)]
_bearer = HTTPBearer(auto_error=False, description="An owner's access token")
Bearer = Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]


async def principal_of(parts: PartsOf, credentials: Bearer) -> Principal:
    """Who is asking; raises `core.errors.Unauthenticated` or `core.errors.InvalidToken`."""
    if credentials is None:
        raise Unauthenticated(
            "A Bearer token is needed.", headers={"WWW-Authenticate": 'Bearer realm="limitless"'}
        )
    return await parts.bearer.verify(credentials.credentials)


def may(permission: str) -> Callable[[Principal], Awaitable[Principal]]:
    """A dependency that lets in only who holds ``permission``, and hands over the principal."""

    async def allowed(principal: Annotated[Principal, Depends(principal_of)]) -> Principal:
        principal.require(permission)
        return principal

    return allowed


async def _count_campaign_request(
    response: Response, parts: PartsOf, principal: Annotated[Principal, Depends(principal_of)]
) -> None:
    notation = parts.settings.rate_limit_campaigns
    counted = await limits.count(
        parts.database, [limits.limit("campaigns", principal.organization_id, notation)]
    )
    response.headers.update(counted)


CountedPerOwner = Depends(_count_campaign_request)
"""Counts the request against the owner's limit for campaigns, and says how it stands."""


def address_of(request: Request) -> str:
    """Where the request comes from."""
    return request.client.host if request.client else "unknown"
