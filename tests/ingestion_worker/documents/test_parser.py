"""The worker's side: the process is started, rests, is replaced, and keeps no secrets."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest

from ingestion_worker.documents.parser import Parser
from tests.ingestion_worker.documents import hostile
from tests.ingestion_worker.documents.test_hostile_files import quietly


@pytest.fixture
async def parser() -> AsyncIterator[Parser]:
    parser = Parser(idle_s=0.05)
    yield parser
    await parser.aclose()


@pytest.fixture
def fine(tmp_path: Path) -> Path:
    path = tmp_path / "fine.docx"
    path.write_bytes(hostile.fine_docx())
    return path


@pytest.fixture
def others() -> frozenset[int]:
    """Parser processes that other tests of this process keep."""
    return frozenset(server.pid for server in servers(frozenset()))


def servers(others: frozenset[int]) -> list[psutil.Process]:
    """The parser processes of this one, but for those of ``others``."""
    ours = [child for child in psutil.Process().children() if child.pid not in others]
    return [child for child in ours if "ingestion_worker.documents.parsing" in child.cmdline()]


async def test_rests_and_starts_again(others: frozenset[int], parser: Parser, fine: Path) -> None:
    before = await parser.parse(fine, quietly)
    [server] = servers(others)
    await asyncio.to_thread(server.wait, 10)
    assert await parser.parse(fine, quietly) == before


async def test_a_killed_server_is_replaced(others: frozenset[int], parser: Parser, fine: Path) -> None:
    before = await parser.parse(fine, quietly)
    [server] = servers(others)
    server.kill()
    await asyncio.to_thread(server.wait, 10)
    assert await parser.parse(fine, quietly) == before


async def test_knows_no_secrets(
    others: frozenset[int], parser: Parser, fine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://owner:secret@db/limitless")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    await parser.parse(fine, quietly)
    [server] = servers(others)
    assert "secret" not in str(server.environ())


async def test_lets_replies_go_first(others: frozenset[int], parser: Parser, fine: Path) -> None:
    await parser.parse(fine, quietly)
    [server] = servers(others)
    assert server.nice() > psutil.Process().nice()
