"""`docs/security.md` says what the code does."""

import re
from pathlib import Path

from fastapi.routing import APIRoute
from limits import parse

from api.dependencies import access_of
from api.routers import ROUTERS
from core.security.permissions import ROLE_PERMISSIONS, ROLES, permitted
from core.settings import Settings

PAGE = Path(__file__).parents[3] / "docs" / "security.md"


def test_the_table_of_roles_is_the_permission_table() -> None:
    assert roles() in PAGE.read_text(), f"docs/security.md lacks this table:\n{roles()}"


def test_the_table_of_limits_is_what_is_set() -> None:
    assert limits() in PAGE.read_text(), f"docs/security.md lacks this table:\n{limits()}"


def test_what_it_points_to_is_there() -> None:
    text = PAGE.read_text()
    for linked in re.findall(r"\]\(([^)#]+)\)", text):
        assert (PAGE.parent / linked).exists(), linked
    settings = {name.upper() for name in Settings.model_fields}
    named = set(re.findall(r"`([A-Z][A-Z0-9_]{4,})(?:=[^`]*)?`", text))
    assert named <= settings, f"no such setting: {named - settings}"


def roles() -> str:
    """Who may what, for every permission that a route asks for."""
    routes = [route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)]
    wanted = sorted({access for route in routes if ":" in (access := access_of(route) or "")})
    lines = [f"| permission | {' | '.join(ROLES)} |", f"|---|{':-:|' * len(ROLES)}"]
    for permission in wanted:
        cells = ("✓" if permitted(ROLE_PERMISSIONS[role], permission) else " " for role in ROLES)
        lines.append(f"| `{permission}` | {' | '.join(cells)} |")
    return "\n".join(lines)


def limits() -> str:
    """Every limit with its default."""
    lines = ["| setting | default |", "|---|---|"]
    for name, one in Settings.model_fields.items():
        if name.startswith("rate_limit_"):
            item = parse(one.default)
            lines.append(f"| `{name.upper()}` | {item.amount} per {item.GRANULARITY.name} |")
    return "\n".join(lines)
