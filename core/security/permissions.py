"""The one table of roles and what they may do.

A permission is ``read:<what>`` or ``write:<what>`` (``read:connections``); ``*`` in its place covers all
of a kind. ``admin:<what>`` (``admin:audit``) is covered by ``*`` alone, ``installation:<what>`` by no
organization's role: it reaches beyond one organization.
"""

from collections.abc import Collection
from typing import Final, Literal, get_args

Role = Literal["viewer", "analyst", "manager", "admin", "superadmin"]
OrganizationRole = Literal["viewer", "analyst", "manager", "admin"]
"""Those that an organization's admin can give."""

ROLES: Final[tuple[Role, ...]] = get_args(Role)

ROLE_PERMISSIONS: Final[dict[Role, frozenset[str]]] = {
    "viewer": frozenset({"read:*"}),
    "analyst": frozenset({"read:*", "write:reports"}),
    "manager": frozenset({"read:*", "write:connections"}),
    "admin": frozenset({"*"}),
    "superadmin": frozenset({"*", "installation:*"}),
}


def covers(granted: str, wanted: str) -> bool:
    """Whether holding ``granted`` is enough for ``wanted``."""
    if granted == wanted:
        return True
    kind, _, _ = wanted.partition(":")
    if granted == "*":
        return kind != "installation"
    return granted == f"{kind}:*"


def permitted(granted: Collection[str], wanted: str) -> bool:
    """Whether any of ``granted`` is enough for ``wanted``."""
    return any(covers(one, wanted) for one in granted)
