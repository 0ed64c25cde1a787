from datetime import UTC, datetime

import pytest

from core.errors import Forbidden
from core.security.permissions import Role
from core.security.principal import Principal


def principal(role: Role, scopes: frozenset[str] | None = None) -> Principal:
    return Principal(
        user_id="user_1",
        organization_id="org_1",
        role=role,
        email="mike@example.com",
        session_id="sess_1",
        expires_at=datetime(2030, 1, 1, tzinfo=UTC),
        scopes=scopes,
    )


@pytest.mark.parametrize(
    ("role", "allowed", "refused"),
    [
        ("viewer", ["read:campaigns"], ["write:reports", "write:connections", "admin:audit"]),
        ("analyst", ["read:campaigns", "write:reports"], ["write:connections", "admin:audit"]),
        ("manager", ["read:campaigns", "write:connections"], ["write:reports", "admin:audit"]),
        ("admin", ["read:users", "write:users", "admin:audit"], ["installation:tenants"]),
        ("superadmin", ["write:users", "admin:audit", "installation:tenants"], []),
    ],
)
def test_each_role_may_what_the_table_says(role: Role, allowed: list[str], refused: list[str]) -> None:
    who = principal(role)
    assert [p for p in allowed if not who.may(p)] == []
    assert [p for p in refused if who.may(p)] == []


def test_a_key_may_only_what_its_scopes_and_its_role_both_allow() -> None:
    key = principal("viewer", frozenset({"read:campaigns", "write:connections"}))
    assert key.may("read:campaigns")
    assert not key.may("read:users")
    assert not key.may("write:connections")


def test_a_missing_permission_is_refused_by_name() -> None:
    with pytest.raises(Forbidden) as refusal:
        principal("viewer").require("write:users")
    assert refusal.value.details == {"required": "write:users"}
