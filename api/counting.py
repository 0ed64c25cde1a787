"""Which limit a route is counted against. `core.settings` says how much each category allows.

Whatever has no category of its own is counted by address, as ``default``: see `api.routers`.
"""

from collections.abc import Sequence
from ipaddress import IPv6Address, ip_address
from typing import Any, Final, Literal

from fastapi import Depends, Request
from fastapi.routing import APIRoute

from api.dependencies import PartsOf, PrincipalOf, flat
from api.parts import Parts
from core.audit import record
from core.errors import RateLimited, Unavailable
from core.limits import Limit, limit

Whom = Literal["address", "user_id", "organization_id"]


class Counted:
    """A dependency that counts the request against the limit of a category."""

    whom: Whom = "address"

    def __init__(self, category: str) -> None:
        self.category = category

    def limit(self, parts: Parts, whom: str) -> Limit | None:
        """The category's limit for ``whom``."""
        notation: str = getattr(parts.settings, f"rate_limit_{self.category}")
        return limit(self.category, whom, notation)


class _ByAddress(Counted):
    async def __call__(self, request: Request, parts: PartsOf) -> None:
        await parts.limits.count(self.limit(parts, neighbourhood(address_of(request))))


class _IfPossible(Counted):
    """By address, for a route that answers without a database, too."""

    async def __call__(self, request: Request, parts: PartsOf) -> None:
        try:
            await parts.limits.count(self.limit(parts, neighbourhood(address_of(request))))
        except Unavailable:
            return


class _ByPrincipal(Counted):
    def __init__(self, category: str, whom: Literal["user_id", "organization_id"]) -> None:
        super().__init__(category)
        self.whom = whom

    async def __call__(self, parts: PartsOf, principal: PrincipalOf) -> None:
        whom: str = getattr(principal, self.whom)
        try:
            await parts.limits.count(self.limit(parts, whom))
        except RateLimited as refusal:
            if refusal.first:
                async with parts.database.transaction(principal.claims) as connection:
                    await record(
                        connection, "rate_limit_exceeded", "user", principal.user_id, {"what": self.category}
                    )
            raise


def counted_by_address(category: str) -> Any:
    """Counts the request against the address's limit of the setting ``rate_limit_<category>``."""
    return Depends(_ByAddress(category))


def counted_by_principal(category: str, whom: Literal["user_id", "organization_id"]) -> Any:
    """Counts the request against the user's or the organization's limit of a category."""
    return Depends(_ByPrincipal(category, whom))


COUNTED: Final = counted_by_address("default")
COUNTED_AUTHENTICATION: Final = counted_by_address("authentication")
COUNTED_MONITORING: Final = Depends(_IfPossible("monitoring"))
CountedPerOwner: Final = counted_by_principal("campaigns", "organization_id")
"""Counts the request against the owner's limit for campaigns, and says how it stands."""


def categories_of(route: APIRoute) -> Sequence[tuple[str, Whom]]:
    """What a route is counted as, and whom."""
    calls: list[object] = [one.call for one in flat(route.dependant)]
    return [(call.category, call.whom) for call in calls if isinstance(call, Counted)]


def address_of(request: Request) -> str:
    """Where the request comes from."""
    return request.client.host if request.client else "unknown"


def neighbourhood(address: str) -> str:
    """What is counted as one address: of IPv6 the /64, which is what one customer is given."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if not isinstance(parsed, IPv6Address):
        return address
    return str(parsed.ipv4_mapped or IPv6Address(int(parsed) >> 64 << 64))
