"""Secrets that anybody could guess are refused wherever others can reach the product.

With the embedded database it runs for one person on one machine, who may try it with what they like;
the keys that sign and seal are refused even there.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict
from pydantic import SecretStr

from core.errors import InvalidInput
from core.security.keys import SecretKey, WeakKeyError, load_secret_key
from core.security.supabase_auth import SupabaseTokens
from core.settings import Settings

LEAST: Final = {
    "owner_password": 10,
    "metrics_token": 16,
    "stripe_webhook_secret": 16,
    "supabase_jwt_secret": 32,
}
"""Characters that a secret needs at least."""
MINIMUM_VARIETY: Final = 6
WELL_KNOWN: Final = (
    "changeme",
    "change-me",
    "change_me",
    "correct horse battery staple",
    "default",
    "example",
    "letmein",
    "limitless",
    "password",
    "placeholder",
    "qwerty",
    "s3cr3t",
    "secret",
    "super-secret-jwt-token-with-at-least-32-characters-long",
    "your-",
    "your_",
)
"""What stands in manuals, and what people type first. The long one is Supabase's for every new machine."""


def refuse_weak_secrets(settings: Settings) -> None:
    """Raise `core.errors.InvalidInput`, which names the variable and says what to do."""
    try:
        load_secret_key(settings)
        SupabaseTokens.from_settings(settings)
    except WeakKeyError as fault:
        raise InvalidInput(fault.message) from fault
    for key in (settings.vault_master_keys or SecretStr("")).get_secret_value().replace(",", " ").split():
        try:
            SecretKey(key.encode())
        except WeakKeyError as fault:
            raise InvalidInput("Each of VAULT_MASTER_KEYS must be at least 32 random bytes") from fault
    for name in weak_secrets(settings):
        raise InvalidInput(
            f"{name.upper()} is too easy to guess for a product that others can reach;"
            " `openssl rand -hex 32` prints a good one."
        )


def weak_secrets(settings: Settings) -> Iterator[str]:
    """The names of settings whose secrets are too short, too plain or too well known."""
    if _on_ones_own(settings):
        return
    for name, least in LEAST.items():
        secret: SecretStr | None = getattr(settings, name)
        if secret is not None and _is_weak(secret.get_secret_value(), least):
            yield name


def _is_weak(secret: str, least: int) -> bool:
    plain = secret.lower()
    if len(secret) < least or len(set(plain)) < MINIMUM_VARIETY:
        return True
    return any(len(known) * 2 > len(plain) and known in plain for known in WELL_KNOWN)


def _on_ones_own(settings: Settings) -> bool:
    """Whether the database is embedded, also for a process that was handed its address by the first one."""
    if settings.database_url is None:
        return True
    try:
        host = conninfo_to_dict(settings.database_url.get_secret_value()).get("host")
    except ProgrammingError:
        return False
    return isinstance(host, str) and Path(host).is_relative_to(settings.data_dir.resolve())
