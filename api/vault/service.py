"""What people see of the vault."""

from datetime import datetime, timedelta
from typing import Any, Final

from psycopg.rows import DictRow
from pydantic import SecretStr

from api.vault.schemas import KeyList, KeySummary, NewKey, Rotation, StoredKey
from core.clock import utc_now
from core.security.principal import Principal
from core.vault import Credentials, Vault

WARN_BEFORE: Final = timedelta(days=7)
_SHOWN: Final = 4
_LONG_ENOUGH: Final = 16


async def store(vault: Vault, principal: Principal, wanted: NewKey) -> StoredKey:
    """Keep credentials; raises `core.errors.Conflict`."""
    credentials = _plain(wanted.credentials)
    row = await vault.store(
        principal.claims,
        wanted.provider,
        wanted.key_name,
        credentials,
        metadata=wanted.metadata,
        next_rotation=_in_days(wanted.rotation_days),
        expires_at=wanted.expires_at,
    )
    return StoredKey(**_summary(row), credentials=_masked(credentials))


async def rotate(
    vault: Vault, principal: Principal, provider: str, key_name: str, wanted: Rotation
) -> StoredKey:
    """Replace values; raises `core.errors.NotFound`."""
    new = _plain(wanted.new_credentials)
    due = _in_days(wanted.rotation_days)
    await vault.rotate(principal.claims, provider, key_name, new, due)
    return await look(vault, principal, provider, key_name, reveal=False)


async def look(
    vault: Vault, principal: Principal, provider: str, key_name: str, *, reveal: bool
) -> StoredKey:
    """A secret, masked unless ``reveal``; raises `core.errors.NotFound`."""
    row, credentials = await vault.look(principal.claims, provider, key_name, reveal=reveal)
    shown = dict(credentials) if reveal else _masked(credentials)
    return StoredKey(**_summary(row), credentials=shown, revealed=reveal)


async def page(vault: Vault, principal: Principal, page: int, limit: int) -> KeyList:
    """Every secret of the organization."""
    rows, total = await vault.page(principal.claims, limit, (page - 1) * limit)
    return KeyList.of([KeySummary(**_summary(row)) for row in rows], total, page, limit)


def _plain(given: dict[str, SecretStr]) -> Credentials:
    return {name: value.get_secret_value() for name, value in given.items()}


def _masked(credentials: Credentials) -> dict[str, str]:
    """The end of a long value, nothing of a short one."""
    return {
        name: f"****{value[-_SHOWN:]}" if len(value) >= _LONG_ENOUGH else "****"
        for name, value in credentials.items()
    }


def _summary(row: DictRow) -> dict[str, Any]:
    now, due, expires_at = utc_now(), row["next_rotation"], row["expires_at"]
    active = row["status"] == "active"
    over = active and expires_at is not None and expires_at <= now
    return {
        **{name: row[name] for name in KeySummary.model_fields if name in row},
        "status": "expired" if over else row["status"],
        "rotation_due": active and due is not None and due <= now + WARN_BEFORE,
        "org_id": row["organization_id"],
        "user_id": row["created_by"],
    }


def _in_days(days: int | None) -> datetime | None:
    return None if days is None else utc_now() + timedelta(days=days)
