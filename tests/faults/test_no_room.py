"""A full disk, of the database or of the files, is an error that says so, and passes."""

import asyncio
import resource
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import psycopg
import pytest

from api.organizations.demo import DEMO_CODE, ensure_demo
from core.database import Database
from core.identifiers import new_id
from tests.api.chat.talking import parse, say
from tests.api.documents.conftest import form
from tests.faults.processes import ApiProcess
from tests.faults.rounds import in_long_form
from tests.standins.openai import openai_standin

ANSWERED_WITHIN_S = 3.0
OWNER = {"OWNER_EMAIL": "owner@example.com", "OWNER_PASSWORD": "correct-horse-battery-9"}


@asynccontextmanager
async def _full_disk(conninfo: str) -> AsyncIterator[None]:
    """A database that cannot extend the tables that turns are written to."""
    async with await psycopg.AsyncConnection.connect(conninfo, autocommit=True) as owner:
        await owner.execute(
            "create function no_room() returns trigger language plpgsql as"
            " $$ begin raise exception 'could not extend file: No space left on device'"
            " using errcode = '53100'; end $$"
        )
        for table in ("conversations", "messages", "turns"):
            await owner.execute(
                f"create trigger no_room before insert or update on {table}"
                " for each row execute function no_room()".encode()
            )
        try:
            yield
        finally:
            await owner.execute("drop function no_room cascade")


async def test_the_databases_disk_is_full(database: Database, conninfo: str, tmp_path: Path) -> None:
    await ensure_demo(database, None, None)
    async with (
        openai_standin(hold_after=3) as model,
        ApiProcess(tmp_path / "api", conninfo, {"OPENAI_BASE_URL": model.base_url}) as api,
        aiohttp.ClientSession(api.url, cookie_jar=aiohttp.DummyCookieJar()) as session,
    ):
        body = {"campaign_code": DEMO_CODE, "message": "Hello", "message_id": new_id("m")}
        async with session.post("/api/chat/stream", json=body) as answer:
            begun = await answer.content.readuntil(b"\n\n")
            async with _full_disk(conninfo):
                async with asyncio.timeout(ANSWERED_WITHIN_S):
                    refused = {"campaign_code": DEMO_CODE, "message": "Me, too", "message_id": new_id("m")}
                    async with session.post("/api/chat/stream", json=refused) as other:
                        assert other.status == 503
                        assert (await other.json())["error"]["code"] == "SERVICE_UNAVAILABLE"
                # The reply comes to its end, and cannot be written down yet.
                model.release()
                while not (len(model.calls) == 2 and all(call.ended for call in model.calls)):
                    await asyncio.sleep(0.02)
                await asyncio.sleep(0.5)
            assert parse(begun + await answer.read())[-1].kind == "done"
        again = await say(session, DEMO_CODE, "Me, too", message_id=refused["message_id"])
        assert again[-1].kind == "done"


@in_long_form
@pytest.mark.parametrize("size", [300_000, 3_000_000], ids=["to be stored", "still arriving"])
async def test_the_disk_of_the_files_is_full(
    fresh_database: Callable[..., str], tmp_path: Path, size: int
) -> None:
    content = b"# Prices\n\n" + b"It costs 397 dollars.\n" * (size // 22)
    async with (
        ApiProcess(tmp_path / "api", fresh_database(migrated=True), {**OWNER}) as api,
        aiohttp.ClientSession(api.url) as owner,
    ):
        login = {"email": OWNER["OWNER_EMAIL"], "password": OWNER["OWNER_PASSWORD"]}
        async with owner.post("/api/v1/auth/login", json=login) as answer:
            owner.headers["Authorization"] = f"Bearer {(await answer.json())['access_token']}"
        assert api.process is not None
        limits = resource.prlimit(api.process.pid, resource.RLIMIT_FSIZE, (200_000, resource.RLIM_INFINITY))
        async with asyncio.timeout(ANSWERED_WITHIN_S):
            status, error = await _upload(owner, content)
        assert (status, error["error"]["code"]) == (503, "SERVICE_UNAVAILABLE")
        assert not [path for path in (tmp_path / "api" / "data" / "documents").rglob("*") if path.is_file()]
        assert (await _upload(owner, content[:1000]))[0] == 201

        resource.prlimit(api.process.pid, resource.RLIMIT_FSIZE, limits)
        assert (await _upload(owner, content))[0] == 201


async def _upload(owner: aiohttp.ClientSession, content: bytes) -> tuple[int, dict[str, Any]]:
    async with owner.post("/api/documents/upload", data=form(content)) as answer:
        return answer.status, await answer.json()
