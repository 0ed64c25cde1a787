"""`limitless doctor`: checks each part and says what to do."""

import asyncio
from collections.abc import AsyncIterator

import psycopg
from pydantic import SecretStr
from rich.console import Console

from cli.banner import parts_in_use
from core.database import Database
from core.database.migrations import pending
from core.embeddings.choice import open_embedders
from core.errors import InvalidInput, LimitlessError, Unavailable
from core.knowledge.reembedding import outdated
from core.limits.choice import open_redis
from core.models.base import ChatMessage
from core.models.choice import open_chat_models
from core.security.keys import WeakKeyError, load_secret_key
from core.security.weak_secrets import weak_secrets
from core.settings import Settings, get_settings
from core.vault.keyring import KEY_FILE, Keyring

Finding = tuple[bool, str, str]
"""Whether it is well, what was looked at, and what was found or is to be done."""


def doctor() -> None:
    """Check the parts, one line each; ends with 1 when something needs doing."""
    settings = get_settings()
    console = Console(highlight=False)
    for name, in_use, _ in parts_in_use(settings):
        console.print(f"  {name}: {in_use}", soft_wrap=True)
    well = asyncio.run(_examine(settings, console))
    raise SystemExit(0 if well else 1)


async def _examine(settings: Settings, console: Console) -> bool:
    well = True
    async for fine, name, finding in _findings(settings):
        well = well and fine
        console.print(f"{'[green]✓[/green]' if fine else '[red]✗[/red]'} {name}: {finding}", soft_wrap=True)
    return well


async def _findings(settings: Settings) -> AsyncIterator[Finding]:
    yield _key(settings)
    yield _vault(settings)
    for name in weak_secrets(settings):
        yield (
            False,
            "secrets",
            f"{name.upper()} is too easy to guess; `openssl rand -hex 32` prints a good one",
        )
    yield _data_dir(settings)
    yield await asyncio.to_thread(_database, settings)
    if settings.redis_url is not None:
        yield await _redis(settings.redis_url)
    yield await _model(settings)
    yield await _embeddings(settings)


def _key(settings: Settings) -> Finding:
    try:
        load_secret_key(settings)
    except WeakKeyError as fault:
        return False, "secret key", str(fault)
    source = "SECRET_KEY" if settings.secret_key else str(settings.data_dir / "secret_key")
    return True, "secret key", f"in {source}"


def _vault(settings: Settings) -> Finding:
    if settings.vault_master_keys is None:
        kept = settings.data_dir / KEY_FILE
        return True, "vault", f"its keys are in {kept}; more than one machine needs VAULT_MASTER_KEYS"
    try:
        given = len(Keyring(settings).secrets())
    except WeakKeyError as fault:
        return False, "vault", str(fault)
    return True, "vault", f"{given} in VAULT_MASTER_KEYS, the first one in use"


def _data_dir(settings: Settings) -> Finding:
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        probe = settings.data_dir / ".doctor"
        probe.write_text("")
        probe.unlink()
    except OSError as fault:
        return False, "data", f"{settings.data_dir} cannot be written ({fault.strerror}); set DATA_DIR"
    return True, "data", f"{settings.data_dir} can be written"


def _database(settings: Settings) -> Finding:
    if settings.database_url is None:
        return True, "database", "embedded; `limitless serve` starts it"
    try:
        with psycopg.connect(settings.database_url.get_secret_value(), connect_timeout=5) as connection:
            return _state_of(connection)
    except psycopg.OperationalError as fault:
        return False, "database", f"DATABASE_URL does not answer: {str(fault).strip()}"


def _state_of(connection: psycopg.Connection) -> Finding:
    row = connection.execute(
        "select current_setting('server_version'),"
        " exists(select from pg_available_extensions where name = 'vector'),"
        " to_regclass('supabase_migrations.schema_migrations') is not null"
    ).fetchone()
    assert row is not None  # noqa: S101 - a select without from
    version, vector, migrated = row
    if not vector:
        return False, "database", f"PostgreSQL {version} lacks pgvector; install the extension"
    waiting = len(pending(connection)) if migrated else None
    if waiting != 0:
        return False, "database", f"PostgreSQL {version}: run `limitless migrate`"
    return True, "database", f"PostgreSQL {version} with pgvector, up to date"


async def _redis(url: SecretStr) -> Finding:
    try:
        async with open_redis(url) as redis:
            figures = await redis.figures()
    except Unavailable as fault:
        return False, "redis", f"{fault.message}. Until it is there the database counts limits."
    except InvalidInput as fault:
        return False, "redis", fault.message
    return True, "redis", f"answers, and uses {figures and figures['memory_usage']}"


async def _model(settings: Settings) -> Finding:
    try:
        async with open_chat_models(settings) as models:
            if models is None:
                return True, "model", "scripted: it follows the playbook; set OPENAI_API_KEY for a real one"
            question = ChatMessage(role="user", content="Say: ready")
            async for _ in models.reply.stream([question], max_tokens=20):
                pass
            return True, "model", f"{models.reply.name} answers"
    except LimitlessError as fault:
        return False, "model", f"{fault.message} Until then the scripted agent answers instead."


async def _embeddings(settings: Settings) -> Finding:
    try:
        async with open_embedders(settings) as embedders:
            name = embedders.current.name
            numbers = len(await embedders.current.embed_query("ready"))
            waiting = await _other_models(settings, name)
    except LimitlessError as fault:
        return False, "embeddings", f"{fault.message} Until then documents are searched by words alone."
    if waiting:
        return (
            False,
            "embeddings",
            f"{waiting} documents are another model's: run `limitless reembed`",
        )
    return True, "embeddings", f"{name} answers with {numbers} numbers"


async def _other_models(settings: Settings, model: str) -> int:
    if settings.database_url is None:
        return 0
    database = Database(settings.database_url.get_secret_value(), size=2)
    await database.open()
    try:
        return len(await outdated(database, model))
    except psycopg.Error:
        return 0  # not migrated yet, which the database's own line says
    finally:
        await database.close()
