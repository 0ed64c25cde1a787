"""Files that were made to do harm, brought to the product as it runs: they fail, and nobody notices."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.api.documents.conftest import form
from tests.faults.lead import Lead
from tests.faults.processes import ApiProcess
from tests.ingestion_worker.documents import hostile
from tests.ingestion_worker.documents.test_hostile_files import MEMORY_LIMIT, peak_memory

OWNER = {"email": "owner@example.com", "password": "Correct-Horse-7"}
LOOK_EVERY_S = 0.1
NAMES = (
    *("empty", "liar", "encrypted_pdf", "truncated_docx", "pdf_page_cycle"),
    *("billion_laughs", "external_entity", "zip_bomb", "two_million_paragraphs_docx"),
)


@pytest.fixture
async def product(fresh_database: Callable[..., str], tmp_path: Path) -> AsyncIterator[ApiProcess]:
    """`limitless serve`, its worker included."""
    named = {"OWNER_EMAIL": OWNER["email"], "OWNER_PASSWORD": OWNER["password"]}
    conninfo = fresh_database(migrated=True)
    async with ApiProcess(tmp_path / "product", conninfo, named, ("serve",)) as process:
        yield process


@pytest.fixture
async def owner(product: ApiProcess) -> AsyncIterator[aiohttp.ClientSession]:
    """Signed in."""
    async with aiohttp.ClientSession(product.url) as session:
        async with session.post("/api/v1/auth/login", json=OWNER) as answer:
            session.headers["Authorization"] = f"Bearer {(await answer.json())['access_token']}"
        yield session


async def fate(owner: aiohttp.ClientSession, content: bytes, filename: str) -> dict[str, Any]:
    """Upload a file; what it was refused with, or what became of it."""
    async with owner.post("/api/documents/upload", data=form(content, filename)) as answer:
        body: dict[str, Any] = await answer.json()
    if answer.status == 400:
        return {"processing_status": "refused", "failure": {"reason": body["error"]["message"]}}
    assert answer.status == 201, body
    details: dict[str, Any] = {"processing_status": "pending"}
    while details["processing_status"] in ("pending", "processing"):
        await asyncio.sleep(LOOK_EVERY_S)
        async with owner.get(f"/api/documents/{body['document']['id']}") as answer:
            details = await answer.json()
    return details


async def talk(url: str, over: asyncio.Event) -> int:
    """Lead after lead, until it is over; how many were answered."""
    answered = 0
    while not over.is_set():
        lead = Lead()
        await lead.say(url)
        assert lead.ended, lead
        assert lead.text
        answered += 1
    return answered


async def test_chat_answers_while_they_fail(
    product: ApiProcess, owner: aiohttp.ClientSession, tmp_path: Path
) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("the owner's other file")
    files = [(f"{name}.bin", make(secret), word) for name in NAMES for make, _, word in [hostile.FILES[name]]]
    files.append(("../../etc/prices.md", b"# Prices\n\nNothing.\n", "bare name"))
    over = asyncio.Event()
    talking = asyncio.create_task(talk(product.url, over))
    async with peak_memory() as peak, asyncio.timeout(60):
        fine, *bad = await asyncio.gather(
            fate(owner, hostile.fine_pdf(), "fine.pdf"),
            *(fate(owner, content, filename) for filename, content, _ in files),
        )
    over.set()
    assert await talking > 1
    assert fine["processing_status"] == "completed"
    for (filename, _, word), ended in zip(files, bad, strict=True):
        assert ended["processing_status"] in ("failed", "refused"), filename
        assert word in ended["failure"]["reason"], filename
    assert peak() < MEMORY_LIMIT
    assert "other file" not in product.log
