"""Going over to another embedding model."""

from collections.abc import AsyncIterator
from pathlib import Path

import psycopg
import pytest
from pydantic import SecretStr

from core.database import Claims, Database
from core.embeddings.choice import Embedders, open_embedders
from core.knowledge.reembedding import Outdated, outdated, reembed
from core.knowledge.search import KnowledgeSearch
from core.knowledge.vector_index import ensure_index
from core.settings import Settings
from core.storage.folder import FolderStorage
from ingestion_worker.documents.parser import Parser
from ingestion_worker.documents.pipeline import DocumentPipeline
from tests.knowledge.library import add_document, local_embedders, make_organization
from tests.standins.openai import openai_standin

MODEL = "text-embedding-test"
QUESTION = "What does course 1 cost?"


@pytest.fixture
async def newer() -> AsyncIterator[Embedders]:
    async with openai_standin() as standin:
        settings = Settings(
            _env_file=None,
            openai_base_url=standin.base_url,
            openai_api_key=SecretStr("sk-test"),
            openai_embedding_model=MODEL,
        )
        async with open_embedders(settings) as embedders:
            yield embedders


@pytest.fixture
async def claims(database: Database, tmp_path: Path) -> AsyncIterator[Claims]:
    """An organization with three documents in the embedded model's vectors."""
    organization_id = await make_organization(database)
    storage, parser = FolderStorage(tmp_path / "stored"), Parser()
    pipeline = DocumentPipeline(database, storage, local_embedders(), parser)
    for number in range(3):
        path = tmp_path / f"course_{number}.md"
        path.write_text(f"# Course {number}\n\nThe course number {number} costs {number}9 dollars.\n")
        await pipeline.run(organization_id, await add_document(database, storage, organization_id, path))
    await parser.aclose()
    yield Claims.for_organization(organization_id)
    await database.fetch(Claims.for_organization(organization_id), "delete from documents returning id")


async def left(database: Database, claims: Claims) -> list[Outdated]:
    return [one for one in await outdated(database, MODEL) if one.organization_id == claims.organization_id]


async def models(database: Database, claims: Claims) -> list[tuple[str, int, int]]:
    rows = await database.fetch(
        claims,
        "select model, dimensions, count(*) as n from chunk_embeddings"
        " group by model, dimensions order by model",
    )
    return [(row["model"], row["dimensions"], row["n"]) for row in rows]


async def test_the_change_is_noticed(database: Database, claims: Claims) -> None:
    assert [one.chunks for one in await left(database, claims)] == [1, 1, 1]
    current = local_embedders().current.name
    assert not [
        one for one in await outdated(database, current) if one.organization_id == claims.organization_id
    ]


async def test_goes_over_with_progress_while_all_is_found(
    database: Database, claims: Claims, newer: Embedders
) -> None:
    search = KnowledgeSearch(database, newer)
    for number, document in enumerate(await left(database, claims), 1):
        assert [done async for done in reembed(database, newer.current, document)] == [1]
        hits = await search.search(claims, QUESTION, mode="vectors")
        assert {hit.filename for hit in hits} == {"course_0.md", "course_1.md", "course_2.md"}
        done = [(MODEL, 1536, number)]
        rest = [("wordllama-l2-256", 256, 3 - number)] if number < 3 else []
        assert await models(database, claims) == done + rest
    assert await left(database, claims) == []


async def test_a_run_that_breaks_off_leaves_the_old_vectors(
    database: Database, claims: Claims, newer: Embedders
) -> None:
    [first, *_] = await left(database, claims)
    run = reembed(database, newer.current, first)
    assert await anext(run) == 1
    await run.aclose()  # type: ignore[attr-defined]
    assert await models(database, claims) == [("wordllama-l2-256", 256, 3)]
    assert len(await left(database, claims)) == 3


async def test_two_runs_at_once_double_nothing(database: Database, claims: Claims, newer: Embedders) -> None:
    [first, *_] = await left(database, claims)
    runs = [reembed(database, newer.current, first) for _ in range(2)]
    for run in runs:
        await anext(run)
    for run in runs:
        assert [done async for done in run] == []
    assert await models(database, claims) == [(MODEL, 1536, 1), ("wordllama-l2-256", 256, 2)]


@pytest.mark.parametrize("dimensions", [768, 3072])
async def test_makes_the_index_that_a_model_wants(conninfo: str, dimensions: int) -> None:
    for _ in range(2):
        assert await ensure_index(conninfo, f"model-{dimensions}", dimensions)
    with psycopg.connect(conninfo) as connection:
        rows = connection.execute(
            "select indexdef from pg_indexes where indexdef like %s", (f"%model-{dimensions}%",)
        ).fetchall()
    assert len(rows) == 1
    assert f"halfvec({dimensions})" in rows[0][0]


async def test_makes_none_that_postgres_cannot_have(conninfo: str) -> None:
    assert not await ensure_index(conninfo, "huge", 8192)


async def test_finds_what_ships(conninfo: str) -> None:
    """The two models that everybody uses have their index from the start."""
    for model, dimensions in (("wordllama-l2-256", 256), ("text-embedding-3-small", 1536)):
        assert await ensure_index(conninfo, model, dimensions)
        with psycopg.connect(conninfo) as connection:
            query = "select count(*) from pg_indexes where indexdef like %s"
            assert connection.execute(query, (f"%'{model}'%",)).fetchone() == (1,)
