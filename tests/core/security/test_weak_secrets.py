"""What is refused as a secret, and where."""

import pytest
from pydantic import SecretStr

from core.errors import InvalidInput
from core.security.weak_secrets import refuse_weak_secrets
from core.settings import Settings

STRONG = "9f3a17c2e5b80d46a1f0c3b7"
DATABASE = SecretStr("postgresql://limitless@db.example.com/limitless")


def reachable(**secrets: str) -> Settings:
    given = {name: SecretStr(value) for name, value in secrets.items()}
    key = SecretStr("a signing key of this suite 0123456789 ABCDEF")
    return Settings(_env_file=None, database_url=DATABASE, secret_key=key).model_copy(update=given)


@pytest.mark.parametrize(
    ("name", "secret"),
    [
        ("owner_password", "changeme"),
        ("owner_password", "Password123"),
        ("owner_password", "limitless1!"),
        ("owner_password", "aaaaaaaaaaaa"),
        ("owner_password", "short 1"),
        ("metrics_token", "metrics"),
        ("metrics_token", "secretsecretsecret"),
        ("stripe_webhook_secret", "whsec_"),
        ("supabase_jwt_secret", "super-secret-jwt-token-with-at-least-32-characters-long"),
        ("supabase_jwt_secret", "too short for a shared secret"),
        ("secret_key", "changemechangemechangemechangeme"),
        ("secret_key", "short"),
    ],
)
def test_what_others_can_guess_is_refused_by_name(name: str, secret: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        refuse_weak_secrets(reachable(**{name: secret}))
    assert name.upper() in refusal.value.message
    assert secret not in refusal.value.message


@pytest.mark.parametrize("name", ["owner_password", "metrics_token", "stripe_webhook_secret"])
def test_what_nobody_can_guess_is_taken(name: str) -> None:
    refuse_weak_secrets(reachable(**{name: STRONG}))
    refuse_weak_secrets(reachable())


def test_on_ones_own_machine_a_weak_password_will_do_but_no_weak_key(settings: Settings) -> None:
    key = SecretStr("a signing key of this suite 0123456789 ABCDEF")
    own = settings.model_copy(update={"secret_key": key, "owner_password": SecretStr("changeme")})
    refuse_weak_secrets(own)
    with pytest.raises(InvalidInput, match="SECRET_KEY"):
        refuse_weak_secrets(own.model_copy(update={"secret_key": SecretStr("short")}))


def test_a_process_that_was_handed_the_embedded_database_is_on_ones_own_machine_too(
    settings: Settings,
) -> None:
    socket = settings.data_dir.resolve() / "postgres"
    handed = {
        "database_url": SecretStr(f"postgresql://postgres:@/postgres?host={socket}"),
        "owner_password": SecretStr("changeme"),
    }
    refuse_weak_secrets(settings.model_copy(update=handed))
    elsewhere = {**handed, "database_url": SecretStr("postgresql://postgres:@/postgres?host=/var/run")}
    with pytest.raises(InvalidInput, match="OWNER_PASSWORD"):
        refuse_weak_secrets(settings.model_copy(update=elsewhere))
