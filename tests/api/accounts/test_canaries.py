"""A noisy run with secrets planted wherever there is room for one; then they are looked for everywhere.

Everything outside is away or refuses, a table is gone, bodies are broken, tokens are forged: whatever the
product says of that, in logs, answers, jobs and rows, it says without what is secret.
"""

import asyncio
import base64
import os
import secrets
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import psycopg
from psycopg import sql

from core.settings import Settings
from tests.api.chat.talking import say
from tests.api.conftest import ServeApi
from tests.standins.otlp import otlp_collector
from tests.standins.smtp import mail_server

OWNER = "owner@example.com"
CODE = "DEMO"
UNKNOWN_KEY = base64.urlsafe_b64encode(b'{"alg": "ES256", "kid": "unknown"}').decode().rstrip("=")
"""The header of a token whose key must be fetched."""


def planted() -> str:
    """A secret that nobody else says, strong enough for any setting."""
    return f"canary-{secrets.token_hex(20)}"


@dataclass
class Run:
    """A product with secrets in every setting, and what was heard of it."""

    log: Path
    http: aiohttp.ClientSession
    settings: dict[str, str]
    secrets: dict[str, str]
    """Every canary by where it was planted."""
    heard: list[str] = field(default_factory=list)
    """Answers that should show none of them."""

    async def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """An answer that may show what is asked for: the token one signs in for, the key that was made."""
        async with self.http.request(method, path, json=body, headers=headers) as answer:
            return await answer.json() if await answer.read() else None

    async def provoke(self, method: str, path: str, data: Any, **headers: str) -> int:
        """An answer that shows nothing; ``data`` is JSON, or bytes as they are."""
        sent: dict[str, Any] = {"data": data} if isinstance(data, bytes) else {"json": data}
        headers = {"content-type": "application/json", **headers}
        async with self.http.request(method, path, headers=headers, **sent) as answer:
            self.heard.append(f"{answer.status} {dict(answer.headers)} {await answer.text()}")
            return answer.status

    def leaks(self, text: str, but: tuple[str, ...] = ()) -> list[str]:
        """Where the canaries in ``text`` were planted."""
        return [name for name, secret in self.secrets.items() if secret in text and name not in but]


def settings_with_canaries(conninfo: str, folder: Path, port: int, mail_port: int) -> dict[str, str]:
    """Every secret setting has a canary; whatever it leads to is away."""
    away = "http://127.0.0.1:9"
    names = [name for name, one in Settings.model_fields.items() if "SecretStr" in str(one.annotation)]
    given = {name.upper(): planted() for name in names}
    return {
        **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
        **given,
        "DATABASE_URL": psycopg.conninfo.make_conninfo(conninfo, password=given["DATABASE_URL"]),
        "REDIS_URL": f"redis://:{given['REDIS_URL']}@127.0.0.1:9/0",
        "SMTP_URL": f"smtp://someone:{given['SMTP_URL']}@127.0.0.1:{mail_port}",
        "OPENAI_BASE_URL": f"{away}/v1",
        "OPENAI_EMBEDDING_MODEL": "none",
        "STRIPE_API_BASE": away,
        "SUPABASE_URL": away,
        "OWNER_EMAIL": OWNER,
        "DATA_DIR": str(folder / "data"),
        "PORT": str(port),
        "LOG_LEVEL": "DEBUG",
        "RATE_LIMIT_AUTHENTICATION": "",
    }


@asynccontextmanager
async def serving(settings: dict[str, str], log: Path) -> AsyncIterator[str]:
    """`limitless serve`, with everything that it prints in ``log``."""
    with log.open("w") as out:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", "from cli.main import app; app()", "serve"),
            cwd=log.parent,
            env=settings,
            stdout=out,
            stderr=out,
        )
    try:
        while "Ctrl-C" not in said(log):
            assert process.returncode is None, said(log)
            await asyncio.sleep(0.05)
        yield f"http://127.0.0.1:{settings['PORT']}"
    finally:
        process.send_signal(signal.SIGINT)
        await process.wait()


def said(log: Path) -> str:
    """What was printed so far."""
    return log.read_text()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@asynccontextmanager
async def installed(conninfo: str, folder: Path, traces_to: str) -> AsyncIterator[Run]:
    """The product, with its worker, for as long as the noise lasts."""
    async with mail_server(on_recipient="550 no such mailbox") as mail:
        settings = settings_with_canaries(conninfo, folder, free_port(), mail.port)
        settings["OTEL_EXPORTER_OTLP_ENDPOINT"] = traces_to
        hidden = {name: value for name, value in settings.items() if value.startswith("canary-")}
        for name in ("DATABASE_URL", "REDIS_URL", "SMTP_URL"):
            hidden[name] = settings[name][settings[name].index("canary-") :][:47]
        log = folder / "log"
        async with serving(settings, log) as url, aiohttp.ClientSession(url) as http:
            yield Run(log, http, settings, hidden)


async def sign_in(run: Run) -> dict[str, str]:
    """The owner's headers; the tokens are secrets from now on."""
    login = {"email": OWNER, "password": run.settings["OWNER_PASSWORD"]}
    opened = await run.ask("POST", "/api/v1/auth/login", login)
    run.secrets |= {"access token": opened["access_token"], "refresh token": opened["refresh_token"]}
    return {"Authorization": f"Bearer {opened['access_token']}"}


async def plant(run: Run, owner: dict[str, str]) -> None:
    """Everything that an owner and a lead are given, or keep here."""
    wanted = {"name": "Website", "scopes": ["read:users"]}
    key = await run.ask("POST", "/api/v1/api-keys", wanted, **owner)
    shown = await run.ask("POST", "/api/v1/mfa/enable", **owner)
    credentials = {"access_token": planted(), "app_secret": planted()}
    body = {"provider": "meta_business", "key_name": "production", "credentials": credentials}
    await run.provoke("POST", "/api/v1/vault/keys", body, **owner)
    renewed = {"access_token": planted()}
    rotate = "/api/v1/vault/keys/meta_business/production/rotate"
    await run.provoke("POST", rotate, {"new_credentials": renewed}, **owner)
    events = await say(run.http, CODE, "Hi, I coach people")
    run.secrets |= {
        "api key": key["key"],
        "totp secret": shown["secret"],
        "backup code": shown["backup_codes"][0],
        "credential": credentials["access_token"],
        "other credential": credentials["app_secret"],
        "new credential": renewed["access_token"],
        "lead token": events[-1].data["lead_token"],
    }


async def make_noise(run: Run, owner: dict[str, str]) -> None:
    """Send what is secret where it does not belong."""
    s = run.secrets
    s |= {"password": planted(), "new password": planted(), "webhook body": planted()}
    auth, password = "/api/v1/auth", {"password": s["password"]}
    provoked = [
        ("POST", f"{auth}/login", {"email": OWNER, **password}),
        ("POST", f"{auth}/login", {"email": OWNER, "password": password}),
        ("POST", f"{auth}/login", {"email": 7, **password, "surprise": s["api key"]}),
        ("POST", f"{auth}/token", f'{{"password": "{s["password"]}", '.encode()),
        ("POST", f"{auth}/register", {"email": "no address", **password, "full_name": "x"}),
        ("POST", f"{auth}/register", {"email": "new@example.com", **password, "full_name": "Jane"}),
        ("POST", f"{auth}/password/forgot", {"email": OWNER}),
        ("POST", f"{auth}/refresh", {"refresh_token": s["access token"]}),
        ("POST", f"{auth}/refresh", {"refresh_token": [s["refresh token"]]}),
        ("POST", f"{auth}/password", {"current_password": s["password"], "new_password": s["new password"]}),
        ("POST", "/api/v1/mfa/verify", {"code": s["totp secret"]}),
        ("POST", "/api/v1/mfa/verify", {"code": s["backup code"]}),
        ("POST", "/api/v1/vault/keys", {"provider": "x y", "credentials": {"token": s["credential"]}}),
        ("POST", "/api/v1/vault/keys", {"provider": "meta_business", "credentials": s["credential"]}),
        ("GET", "/api/v1/vault/keys/meta_business/production", None),
        ("GET", "/api/v1/api-keys", None),
        ("GET", "/api/v1/auth/me", None),
        ("GET", "/api/v1/audit?limit=200", None),
        ("GET", "/metrics", None),
        ("GET", f"/api/v1/users?token={s['access token']}", None),
        ("POST", "/api/chat", {"campaign_code": CODE, "message": 7, "lead_token": s["lead token"]}),
        ("POST", "/api/chat", {"campaign_code": CODE, "message": "Hi", "lead_token": s["lead token"] + "x"}),
        ("POST", "/api/webhooks/stripe", s["webhook body"].encode()),
        ("POST", "/api/knowledge/search", {"question": "What does it cost?"}),
    ]
    for method, path, data in provoked:
        await run.provoke(method, path, data, **owner)
    for header, value in (
        ("Authorization", f"Bearer {s['refresh token']}"),
        ("Authorization", f"Bearer {run.settings['SUPABASE_JWT_SECRET']}"),
        ("Authorization", f"Basic {s['password']}"),
        ("Authorization", f"Bearer {UNKNOWN_KEY}.{s['password']}.x"),
        ("X-API-Key", s["api key"] + "x"),
        ("X-Organization-ID", s["api key"]),
        ("X-Lead-Token", s["lead token"] + "x"),
        ("Stripe-Signature", s["webhook body"]),
        ("Cookie", f"device={s['access token']}; lead_{CODE}={s['lead token']}x"),
    ):
        for path in ("/api/v1/users", "/metrics", "/api/chat/history?campaign_code=DEMO"):
            await run.provoke("GET", path, None, **{header: value})


async def break_tables(run: Run, conninfo: str, owner: dict[str, str]) -> None:
    """What nobody expects: tables are gone in the middle of it."""
    login = {"email": OWNER, "password": run.settings["OWNER_PASSWORD"]}
    with psycopg.connect(conninfo, autocommit=True) as postgres:
        broken = [
            ("api_keys", "POST", "/api/v1/api-keys", {"name": "k", "scopes": ["read:users"]}),
            ("vault_secrets", "GET", "/api/v1/vault/keys", None),
            ("sessions", "POST", "/api/v1/auth/login", login),
        ]
        for table, method, path, body in broken:
            rename = sql.SQL("alter table {} rename to {}")
            there, gone = sql.Identifier(table), sql.Identifier(f"{table}_gone")
            postgres.execute(rename.format(there, gone))
            assert await run.provoke(method, path, body, **owner) == 500
            postgres.execute(rename.format(gone, there))


async def jobs_done(conninfo: str) -> None:
    """The mails were tried, and refused."""
    waiting = (
        "select count(*) from jobs.procrastinate_jobs"
        " where starts_with(task_name, 'accounts.') and status in ('todo', 'doing') and attempts = 0"
    )
    with psycopg.connect(conninfo, autocommit=True) as postgres:
        while postgres.execute(waiting).fetchone() != (0,):
            await asyncio.sleep(0.1)


def rows(conninfo: str) -> str:
    """All that is stored, as text."""
    found = []
    with psycopg.connect(conninfo) as postgres:
        tables = postgres.execute(
            "select n.nspname, c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace"
            " where c.relkind = 'r' and n.nspname in ('public', 'app', 'jobs', 'checkpoints')"
        ).fetchall()
        for schema, table in tables:
            query = sql.SQL("select t::text from {} t").format(sql.Identifier(schema, table))
            found += [f"{table}: {row[0]}" for row in postgres.execute(query)]
            # What is stored as bytes is looked through as what it was.
            packed = sql.SQL("select encode(convert_to(t::text, 'utf8'), 'escape') from {} t")
            found += [row[0] for row in postgres.execute(packed.format(sql.Identifier(schema, table)))]
    return "\n".join(found)


async def test_nothing_secret_is_said_anywhere(fresh_database: Callable[..., str], tmp_path: Path) -> None:
    conninfo = fresh_database(migrated=True)
    async with otlp_collector() as collector:
        async with installed(conninfo, tmp_path, collector.url) as run:
            owner = await sign_in(run)
            await plant(run, owner)
            await make_noise(run, owner)
            await break_tables(run, conninfo, owner)
            await jobs_done(conninfo)
        traces = repr(collector.spans) + repr(collector.resources)
    log = said(run.log)
    for name, times in (("request_failed", 3), ("limits_counted_elsewhere", 1), ("jwks_fetch_failed", 1)):
        assert log.count(name) >= times, f"the noise lacks {name}"
    assert len(collector.spans) > 100, "the noise lacks traces"
    assert run.leaks(log) == []
    assert run.leaks(traces) == []
    assert run.leaks("\n".join(run.heard)) == []
    assert run.leaks(rows(conninfo)) == []


async def test_nothing_secret_is_in_a_repr(
    serve_api: ServeApi, tmp_path: Path, conninfo: str, fresh_database: Callable[..., str]
) -> None:
    given = settings_with_canaries(conninfo, tmp_path, 0, 9)
    values = {name.lower(): value for name, value in given.items() if name.lower() in Settings.model_fields}
    settings = Settings(_env_file=None, **values)  # type: ignore[arg-type]
    assert "canary-" not in repr(settings) + str(settings) + repr(settings.model_dump())
    assert "canary-" not in settings.model_dump_json()
    async with serve_api(settings) as api:
        parts = [getattr(api.parts, name) for name in type(api.parts).__slots__]
        assert "canary-" not in "\n".join(map(repr, [api.parts, *parts]))
        assert "canary-" not in repr([vars(part) for part in parts if hasattr(part, "__dict__")])


def test_a_canary_that_is_said_is_heard() -> None:
    run = Run(Path(), None, {}, {"planted": planted()})  # type: ignore[arg-type]
    assert run.leaks(f"so it is {run.secrets['planted']}") == ["planted"]
