"""Documents over HTTP, and a pipeline that processes them when a test says so."""

import io
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import aiohttp
import pytest

from core.database import Database
from core.storage.folder import FolderStorage
from ingestion_worker.documents.parser import Parser
from ingestion_worker.documents.pipeline import DocumentPipeline
from tests.api.conftest import Api
from tests.api.organization import Organization
from tests.knowledge.library import local_embedders

PRICES = b"# Prices\n\n## Teams\n\nTeams of three or more coaches pay 397 dollars a person.\n"

Process = Callable[[Organization, str], Awaitable[None]]


@pytest.fixture(scope="session")
async def parser() -> AsyncIterator[Parser]:
    parser = Parser()
    yield parser
    await parser.aclose()


@pytest.fixture
def process(api: Api, database: Database, parser: Parser) -> Process:
    """Does what the worker would do with one document."""
    storage = FolderStorage(api.parts.settings.data_dir / "documents")
    pipeline = DocumentPipeline(database, storage, local_embedders(), parser)

    async def processed(organization: Organization, document_id: str) -> None:
        await pipeline.run(organization.id, document_id)

    return processed


def form(content: bytes = PRICES, filename: str = "prices.md", **fields: str | list[str]) -> aiohttp.FormData:
    """An upload as a browser sends it."""
    data = aiohttp.FormData(quote_fields=False)
    for name, value in fields.items():
        for one in [value] if isinstance(value, str) else value:
            data.add_field(name, one)
    data.add_field("file", io.BytesIO(content), filename=filename, content_type="application/octet-stream")
    return data


async def upload(
    http: aiohttp.ClientSession, organization: Organization, *arguments: Any, **more: Any
) -> tuple[int, dict[str, Any]]:
    """Upload a file; the answer's status and body."""
    data = form(*arguments, **more)
    async with http.post("/api/documents/upload", data=data, headers=organization.bearer) as answer:
        return answer.status, await answer.json()


async def uploaded(
    http: aiohttp.ClientSession, organization: Organization, *arguments: Any, **more: Any
) -> str:
    """Upload a file that is fine; its id."""
    status, body = await upload(http, organization, *arguments, **more)
    assert status == 201, body
    return str(body["document"]["id"])


async def read(http: aiohttp.ClientSession, organization: Organization, document_id: str) -> dict[str, Any]:
    """A document's details."""
    async with http.get(f"/api/documents/{document_id}", headers=organization.bearer) as answer:
        assert answer.status == 200
        details: dict[str, Any] = await answer.json()
    return details
