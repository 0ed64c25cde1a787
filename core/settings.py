"""Every setting, read once from the environment (and ``.env``). `.env.example` says each in a line."""

from functools import lru_cache
from pathlib import Path

from limits import parse
from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from core.errors import InvalidInput
from core.proxies import TrustedProxies


class Settings(BaseSettings):
    """What can be set. The defaults run everything on one machine, without a key."""

    model_config = SettingsConfigDict(
        env_file=".env",
        env_ignore_empty=False,
        extra="ignore",
        hide_input_in_errors=True,  # what is wrong with a secret is said without it
    )

    data_dir: Path = Path(".limitless")
    database_url: SecretStr | None = None
    database_pool_size: int = Field(default=20, ge=2, le=500)
    database_prepared_statements: bool = True
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    public_url: str | None = None
    metrics_token: SecretStr | None = None
    otel_exporter_otlp_endpoint: str | None = None
    log_level: str = "INFO"
    log_format: str = Field(default="auto", pattern="^(auto|json|console)$")

    owner_email: str | None = None
    owner_password: SecretStr | None = None
    secret_key: SecretStr | None = None
    access_token_minutes: int = Field(default=30, ge=1, le=1440)
    session_hours: int = Field(default=24, ge=1, le=24 * 90)
    vault_master_keys: SecretStr | None = None
    vault_iterations: int = Field(default=600_000, ge=100_000)
    smtp_url: SecretStr | None = None
    mail_from: str = "Limitless <no-reply@localhost>"
    supabase_url: str | None = None
    supabase_jwt_secret: SecretStr | None = None
    supabase_service_key: SecretStr | None = None
    supabase_bucket: str = "documents"

    openai_api_key: SecretStr | None = None
    openai_base_url: str = "https://api.openai.com/v1"
    openai_model: str = "gpt-6.1-terra"
    openai_reader_model: str | None = None
    openai_reasoning_effort: str | None = "none"
    openai_embedding_model: str = "text-embedding-3-small"
    chat_model: str | None = None
    model_timeout_s: float = Field(default=30, gt=0)
    model_first_token_timeout_s: float = Field(default=15, gt=0)

    stripe_secret_key: SecretStr | None = None
    stripe_webhook_secret: SecretStr | None = None
    stripe_webhook_secret_previous: SecretStr | None = None
    stripe_api_base: str = "https://api.stripe.com"

    rate_limit_chat: str = "10/minute"
    rate_limit_chat_address: str = "60/minute"
    rate_limit_chat_campaign: str = "600/minute"
    rate_limit_campaigns: str = "100/minute"
    rate_limit_documents_upload: str = "10/hour"
    rate_limit_authentication: str = "10/minute"
    rate_limit_authentication_account: str = "20/hour"
    rate_limit_authentication_mails: str = "5/hour"
    rate_limit_default: str = "1000/minute"
    rate_limit_data_export: str = "10/minute"
    rate_limit_analytics: str = "1000/hour"
    rate_limit_monitoring: str = "1000/hour"
    rate_limit_platform_connections: str = "100/hour"
    rate_limit_data_sync: str = "50/hour"
    rate_limit_data_ingestion: str = "500/hour"
    rate_limit_data_quality: str = "200/hour"
    rate_limit_webhooks: str = "50/hour"
    redis_url: SecretStr | None = None
    trusted_proxies: str = ""
    cors_origins: str = ""
    upload_limit_bytes: int = Field(default=25 * 1024 * 1024, ge=1)

    @field_validator("*", mode="before")
    @classmethod
    def _empty_is_unset(cls, value: object, info: ValidationInfo) -> object:
        """``DATABASE_URL=`` in a ``.env`` means that it is not set."""
        field = cls.model_fields[info.field_name or ""]
        return None if value == "" and field.default is None else value

    @field_validator("*")
    @classmethod
    def _limits_can_be_read(cls, value: object, info: ValidationInfo) -> object:
        if (info.field_name or "").startswith("rate_limit_") and isinstance(value, str) and value.strip():
            parse(value)
        return value

    @field_validator("trusted_proxies")
    @classmethod
    def _proxies_can_be_read(cls, value: str) -> str:
        TrustedProxies.parse(value)
        return value

    @property
    def base_url(self) -> str:
        """Where people reach the product, without a slash at its end."""
        return (self.public_url or f"http://localhost:{self.port}").rstrip("/")

    @property
    def embedded_database(self) -> bool:
        """Whether Postgres is ours to start."""
        return self.database_url is None


@lru_cache
def get_settings() -> Settings:
    """The process's settings; raises `core.errors.InvalidInput`, which names what cannot be read."""
    try:
        return Settings()
    except ValidationError as fault:
        found = [
            (str(one["loc"][0]).upper(), one["msg"].removeprefix("Value error, "))
            for one in fault.errors(include_input=False)
        ]
        raise InvalidInput("; ".join(f"{name}: {message}" for name, message in found)) from None
