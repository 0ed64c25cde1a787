"""What a person sees when the product starts."""

from collections.abc import Iterator

import qrcode
from rich.console import Console

from api.organizations.demo import DEMO_CODE, DemoAccess
from core.embeddings.choice import uses_endpoint
from core.models.choice import names_a_model
from core.settings import Settings

_LINK, _OWNER = "A lead's link", "The owner"


def show_banner(settings: Settings, access: DemoAccess | None) -> None:
    """The link and its QR code, the owner's login, and what each replaceable part is."""
    console = Console(highlight=False)
    link = f"{settings.base_url}/chat/{DEMO_CODE}"
    code = qrcode.QRCode(border=2)
    code.add_data(link)
    code.print_ascii(invert=True)
    console.print(f"[bold]{_LINK:<14}[/bold]{link}", soft_wrap=True)
    console.print(f"[bold]{_OWNER:<14}[/bold]{_owner(settings, access)}", soft_wrap=True)
    for name, in_use, variables in parts_in_use(settings):
        console.print(f"{name:<14}{in_use}  [dim]({variables})[/dim]", soft_wrap=True)
    console.print("Ctrl-C stops everything.", style="dim")


def parts_in_use(settings: Settings) -> Iterator[tuple[str, str, str]]:
    """Each replaceable part: its name, what is in use, and which variable changes it."""
    supabase = settings.supabase_url and settings.supabase_service_key
    yield "model", _model(settings), "OPENAI_API_KEY, OPENAI_BASE_URL, CHAT_MODEL"
    yield "embeddings", _embeddings(settings), "OPENAI_API_KEY, OPENAI_EMBEDDING_MODEL"
    yield (
        "storage",
        "Supabase Storage" if supabase else f"the folder {settings.data_dir / 'documents'}",
        "SUPABASE_URL, SUPABASE_SERVICE_KEY",
    )
    yield "payments", "a test checkout page", "STRIPE_SECRET_KEY"
    yield "database", _database(settings), "DATABASE_URL"
    yield "limits", "counted in Redis" if settings.redis_url else "counted in the database", "REDIS_URL"


def _owner(settings: Settings, access: DemoAccess | None) -> str:
    if access is None:
        return f"{settings.base_url}/owner  (the login was printed at the first start)"
    password = access.password if access.made_up else "the password in OWNER_PASSWORD"
    return f"{settings.base_url}/owner  {access.email}  {password}"


def _model(settings: Settings) -> str:
    if settings.chat_model:
        return settings.chat_model
    if names_a_model(settings):
        return settings.openai_model
    return "scripted: no model, it follows the playbook"


def _embeddings(settings: Settings) -> str:
    return settings.openai_embedding_model if uses_endpoint(settings) else "wordllama, in this process"


def _database(settings: Settings) -> str:
    return "PostgreSQL at DATABASE_URL" if settings.database_url else f"embedded, in {settings.data_dir}"
