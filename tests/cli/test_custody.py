"""`limitless audit`, `limitless vault` and `limitless superadmin`."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import psycopg
import pytest
from pydantic import SecretStr
from typer.testing import CliRunner, Result

from cli.main import app
from core.database import Claims, Database
from core.settings import Settings, get_settings
from core.vault import Credentials, Vault

USED = ("meta_business", "production_key")
ADMIN = "ada@example.com"
Limitless = Callable[..., Result]


@pytest.fixture
def installation(fresh_database: Callable[..., str]) -> str:
    """A migrated database with one organization and its admin."""
    conninfo = fresh_database(migrated=True)
    with psycopg.connect(conninfo) as connection:
        connection.execute("insert into organizations (id, name) values ('org_a', 'A')")
        connection.execute("insert into users (id, email) values ('user_a', %s)", (ADMIN,))
        connection.execute("insert into memberships values ('org_a', 'user_a', 'admin')")
    return conninfo


@pytest.fixture
def limitless(installation: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Limitless]:
    """Runs the command on that database."""

    def run(*words: str, **environment: str) -> Result:
        for name, value in {"DATABASE_URL": installation, "DATA_DIR": str(tmp_path), **environment}.items():
            monkeypatch.setenv(name, value)
        get_settings.cache_clear()
        return CliRunner().invoke(app, words)

    yield run
    get_settings.cache_clear()


class TestAuditVerify:
    def test_a_whole_chain(self, limitless: Limitless) -> None:
        done = limitless("audit", "verify")
        assert (done.exit_code, done.stdout) == (0, "3 events, every chain holds.\n")

    def test_a_changed_one(self, limitless: Limitless, installation: str) -> None:
        with psycopg.connect(installation) as connection:
            connection.execute("update audit_events set actor_id = 'x' where seq = 2")
        done = limitless("audit", "verify")
        assert done.exit_code == 1
        assert done.stdout.startswith("org_a 2: changed")


class TestRotateMaster:
    def test_makes_a_new_key_in_the_folder(
        self, limitless: Limitless, installation: str, tmp_path: Path
    ) -> None:
        settings = Settings(_env_file=None, data_dir=tmp_path)
        asyncio.run(_store(installation, settings))
        before = (tmp_path / "vault_master_keys").read_text()
        done = limitless("vault", "rotate-master")
        assert (done.exit_code, done.stdout) == (0, "1 keys are wrapped by the new master key.\n")
        after = (tmp_path / "vault_master_keys").read_text()
        assert len(after.split()) == 1
        assert after != before
        assert asyncio.run(_use(installation, settings)) == {"token": "secret"}

    def test_goes_over_to_the_one_that_the_environment_gives(
        self, limitless: Limitless, installation: str, tmp_path: Path
    ) -> None:
        old, new = "old-key-0123456789-abcdefghijklmnop", "new-key-0123456789-abcdefghijklmnop"
        asyncio.run(_store(installation, _keyed(tmp_path, old)))
        refused = limitless("vault", "rotate-master", VAULT_MASTER_KEYS=old)
        assert refused.exit_code == 1
        assert "Put a new key in front" in refused.stderr
        both = f"{new},{old}"
        done = limitless("vault", "rotate-master", VAULT_MASTER_KEYS=both)
        assert done.exit_code == 0
        assert asyncio.run(_use(installation, _keyed(tmp_path, new))) == {"token": "secret"}

    def test_what_cannot_be_opened_is_named_and_the_old_key_kept(
        self, limitless: Limitless, installation: str, tmp_path: Path
    ) -> None:
        settings = Settings(_env_file=None, data_dir=tmp_path)
        asyncio.run(_store(installation, settings))
        with psycopg.connect(installation) as connection:
            connection.execute("update vault_secrets set wrapped_key = '\\x00'")
        done = limitless("vault", "rotate-master")
        assert done.exit_code == 1
        assert "vk_" in done.stdout
        assert len((tmp_path / "vault_master_keys").read_text().split()) == 2

    def test_a_weak_key_is_refused_in_a_sentence(self, limitless: Limitless) -> None:
        done = limitless("vault", "rotate-master", VAULT_MASTER_KEYS="weak,weaker")
        assert done.exit_code == 1
        assert "VAULT_MASTER_KEYS" in done.stderr
        assert "Traceback" not in done.stderr


class TestSuperadmin:
    def test_is_made_by_the_operator(self, limitless: Limitless, installation: str) -> None:
        assert limitless("superadmin", ADMIN.upper()).exit_code == 0
        with psycopg.connect(installation) as connection:
            row = connection.execute("select role from memberships where user_id = 'user_a'").fetchone()
        assert row == ("superadmin",)

    def test_an_unknown_address(self, limitless: Limitless) -> None:
        done = limitless("superadmin", "nobody@example.com")
        assert (done.exit_code, "no account" in done.stderr) == (1, True)


def _keyed(data_dir: Path, *keys: str) -> Settings:
    return Settings(_env_file=None, data_dir=data_dir, vault_master_keys=SecretStr(",".join(keys)))


async def _store(conninfo: str, settings: Settings) -> None:
    async with _vault(conninfo, settings) as vault:
        claims = Claims.for_organization("org_a", "user_a")
        await vault.store(claims, *USED, {"token": "secret"}, metadata={})


async def _use(conninfo: str, settings: Settings) -> Credentials:
    async with _vault(conninfo, settings) as vault:
        return await vault.use(Claims.for_organization("org_a"), *USED)


@asynccontextmanager
async def _vault(conninfo: str, settings: Settings) -> AsyncIterator[Vault]:
    database = Database(conninfo, size=2)
    await database.open()
    yield Vault(database, settings)
    await database.close()
