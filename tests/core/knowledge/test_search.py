"""Finding what answers a question: in one's own documents only, by meaning and by words."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from statistics import mean

import pytest
from psycopg import sql
from pydantic import SecretStr

from core.database import Claims, Database
from core.embeddings.choice import Embedders, open_embedders
from core.knowledge.questions import in_context
from core.knowledge.scope import EVERYTHING, Restriction, read_scope
from core.knowledge.search import DEPTH, Hit, KnowledgeSearch, Mode, _Plan
from core.settings import Settings
from core.storage.folder import FolderStorage
from ingestion_worker.documents.parser import Parser
from ingestion_worker.documents.pipeline import DocumentPipeline
from tests.knowledge.library import (
    Question,
    add_document,
    fill,
    follow_ups,
    local_embedders,
    make_organization,
    questions,
)
from tests.standins.openai import OpenAIStandin, openai_standin
from tests.standins.openai_orders import Fault

THE_QUESTION = "What does the program cost?"


@pytest.fixture(scope="module")
async def library(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Claims:
    organization_id = await make_organization(database)
    await fill(database, tmp_path_factory.mktemp("library"), organization_id, _parser)
    return Claims.for_organization(organization_id)


@pytest.fixture
def search(database: Database) -> KnowledgeSearch:
    return KnowledgeSearch(database, local_embedders())


def rank_of_answer(question: Question, hits: Sequence[Hit]) -> int | None:
    ranks = (rank for rank, hit in enumerate(hits, 1) if question.is_answered_by(hit.filename, hit.text))
    return next(ranks, None)


async def ranks_of(search: KnowledgeSearch, claims: Claims, mode: Mode) -> list[int | None]:
    return [
        rank_of_answer(question, await search.search(claims, question.text, mode=mode))
        for question in questions()
    ]


async def test_the_labelled_questions_are_answered(library: Claims, search: KnowledgeSearch) -> None:
    found = {}
    modes: tuple[Mode, ...] = ("vectors", "words", "hybrid")
    for mode in modes:
        ranks = await ranks_of(search, library, mode)
        recall = mean(rank is not None and rank <= 5 for rank in ranks)
        found[mode] = (recall, mean(1 / rank if rank else 0 for rank in ranks))
    assert found["hybrid"][0] >= 0.9
    assert found["hybrid"] == max(found.values())
    assert found["hybrid"][1] == max(reciprocal for _, reciprocal in found.values())


async def test_follow_ups_are_answered_after_their_question(library: Claims, search: KnowledgeSearch) -> None:
    found = []
    for before, question in follow_ups():
        hits = await search.search(library, in_context(question.text, before))
        rank = rank_of_answer(question, hits)
        found.append(rank is not None and rank <= 5)
    assert mean(found) >= 0.9


async def test_the_set_is_what_it_should_be() -> None:
    asked = questions()
    documents = {name for question in asked for name in question.answers}
    assert len(asked) >= 60
    assert len(documents) >= 8
    assert {name.rsplit(".", 1)[1] for name in documents} == {"pdf", "docx", "md", "txt"}


async def test_another_organization_finds_nothing(
    library: Claims, search: KnowledgeSearch, database: Database, tmp_path: Path
) -> None:
    other = await make_organization(database)
    assert await search.search(Claims.for_organization(other), THE_QUESTION) == []
    await put(database, tmp_path, other, "# Opening hours\n\nWe open at nine.\n")
    hits = await search.search(Claims.for_organization(other), THE_QUESTION)
    assert {hit.filename for hit in hits} <= {"note.md"}


async def test_nobody_finds_nothing(library: Claims, search: KnowledgeSearch) -> None:
    assert await search.search(Claims.nobody(), THE_QUESTION) == []


@pytest.mark.parametrize(
    ("restriction", "allowed"),
    [
        (
            Restriction(categories=("es",)),
            {"lista_de_precios.docx", "preguntas_frecuentes.md", "programa_del_curso.pdf"},
        ),
        (Restriction(tags=("faq", "price_list")), {"faq.txt", "price_list.pdf"}),
        (Restriction(categories=("es",), tags=("lista_de_precios",)), {"lista_de_precios.docx"}),
        (Restriction(categories=("nothing",)), set()),
    ],
)
async def test_a_campaign_uses_what_it_may(
    restriction: Restriction, allowed: set[str], library: Claims, search: KnowledgeSearch
) -> None:
    modes: tuple[Mode, ...] = ("vectors", "words", "hybrid")
    for mode in modes:
        hits = await search.search(
            library, "How much is the program? ¿Cuánto cuesta?", restriction, mode=mode
        )
        assert {hit.filename for hit in hits} == allowed, mode


async def test_a_deleted_document_is_not_found_any_more(
    database: Database, search: KnowledgeSearch, tmp_path: Path
) -> None:
    organization_id = await make_organization(database)
    claims = Claims.for_organization(organization_id)
    await put(database, tmp_path, organization_id, "# Opening hours\n\nWe open at nine.\n")
    assert await search.search(claims, "When do you open?")
    await database.fetch(claims, "delete from documents returning id")
    assert await search.search(claims, "When do you open?") == []
    assert await database.fetch(claims, "select from chunk_embeddings") == []


async def test_the_index_finds_what_a_look_at_each_finds(
    library: Claims, search: KnowledgeSearch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.knowledge.scope.EXACT_FLOATS", 0)
    for question in questions()[:10]:
        exact = await search.search(library, question.text, mode="vectors", exact=True)
        indexed = await search.search(library, question.text, mode="vectors")
        assert len({hit.chunk_id for hit in exact} & {hit.chunk_id for hit in indexed}) >= DEPTH * 0.9


async def scans(database: Database) -> int:
    await database.fetch(Claims.nobody(), "select pg_stat_force_next_flush()")
    [row] = await database.fetch(
        Claims.nobody(),
        "select idx_scan from pg_stat_all_indexes where indexrelname = 'chunk_embeddings_near_wordllama'",
    )
    return int(row["idx_scan"])


@pytest.fixture
async def crowd(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Claims:
    """An organization with thousands of vectors that are all near to one question."""
    monkeypatch.setattr("core.knowledge.scope.EXACT_FLOATS", 0)
    claims = Claims.for_organization(organization_id := await make_organization(database))
    await put(database, tmp_path, organization_id, f"# Price\n\n{THE_QUESTION}\n")
    await database.fetch(
        claims,
        "with source as (select * from chunks limit 1), copied as ("
        " insert into chunks (organization_id, document_id, position, text)"
        " select organization_id, document_id, n, text from source, generate_series(1, 2000) n"
        " returning id, organization_id, document_id)"
        " insert into chunk_embeddings select c.id, c.organization_id, c.document_id, e.model, e.dimensions,"
        " e.embedding from copied c, (select * from chunk_embeddings limit 1) e returning chunk_id",
    )
    return claims


async def test_neighbours_do_not_crowd_a_tenant_out(
    library: Claims, crowd: Claims, search: KnowledgeSearch
) -> None:
    assert len(await search.search(library, THE_QUESTION, mode="vectors")) == DEPTH


async def test_the_planner_sees_that_the_index_applies(crowd: Claims, database: Database) -> None:
    """Else the search would be a slow look at each after all, and nobody would notice."""
    vector = await local_embedders().current.embed_query(THE_QUESTION)
    scope = await read_scope(database, crowd, EVERYTHING)
    async with database.transaction(crowd) as connection:
        # Whether it may be used, and not whether so few rows are worth it.
        await connection.execute(
            "select set_config('enable_seqscan', 'off', true), set_config('enable_sort', 'off', true)"
        )
        plan = _Plan(scope, [(scope.spaces[0], vector)], THE_QUESTION, "hybrid", DEPTH)
        explained = await connection.execute(
            sql.SQL("explain ") + plan.statement(exact=False), plan.parameters()
        )
        text = str(await explained.fetchall())
    assert "Index Scan using chunk_embeddings_near_wordllama" in text


@pytest.mark.parametrize(
    "question",
    [
        "",
        " ",
        "the of and",
        "'; drop table chunks; --",
        "a & | ! ( ) : * <-> b",
        "\x00\x01",
        "ñ" * 9000,
        "😀",
    ],
)
async def test_odd_questions_are_taken(question: str, library: Claims, search: KnowledgeSearch) -> None:
    assert len(await search.search(library, question)) <= DEPTH


async def test_words_without_accents_are_found(library: Claims, search: KnowledgeSearch) -> None:
    [first, *_] = await search.search(library, "GRABACION SESION", mode="words")
    assert "grabación" in first.text.lower()


async def test_two_models_answer_together_during_a_change(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    organization_id = await make_organization(database)
    claims = Claims.for_organization(organization_id)
    await put(database, tmp_path, organization_id, "# Old\n\nThe old course costs 49 dollars.\n", "old.md")
    async with openai_standin() as standin:
        chosen = Settings(
            _env_file=None, openai_base_url=standin.base_url, openai_api_key=SecretStr("sk-test")
        )
        async with open_embedders(chosen) as embedders:
            text = "# New\n\nThe new course costs 59 dollars.\n"
            await put(database, tmp_path, organization_id, text, "new.md", embedders)
            both = KnowledgeSearch(database, embedders)
            found = await both.search(claims, "What does the course cost?", mode="vectors")
            assert {hit.filename for hit in found} == {"old.md", "new.md"}
            standin.orders.faults.extend([Fault(status=401)] * 9)
            found = await both.search(claims, "What does the new course cost?")
            assert {hit.filename for hit in found} == {"old.md", "new.md"}
            assert {hit.filename for hit in found if hit.similarity is not None} == {"old.md"}


async def test_a_model_that_is_gone_leaves_the_words(database: Database, tmp_path: Path) -> None:
    organization_id = await make_organization(database)
    async with openai_standin() as standin:
        chosen = Settings(
            _env_file=None, openai_base_url=standin.base_url, openai_api_key=SecretStr("sk-test")
        )
        async with open_embedders(chosen) as embedders:
            text = "# New\n\nThe new course costs 59 dollars.\n"
            await put(database, tmp_path, organization_id, text, "new.md", embedders)
    without = KnowledgeSearch(database, local_embedders())
    [hit] = await without.search(Claims.for_organization(organization_id), "What does the course cost?")
    assert (hit.similarity, hit.filename) == (None, "new.md")


def settings_for(standin: OpenAIStandin) -> Settings:
    key = SecretStr("sk-test")
    return Settings(_env_file=None, openai_base_url=standin.base_url, openai_api_key=key)


_parser = Parser()


@pytest.fixture(scope="module", autouse=True)
async def _parser_ends() -> AsyncIterator[None]:
    yield
    await _parser.aclose()


async def put(
    database: Database,
    folder: Path,
    organization_id: str,
    text: str,
    filename: str = "note.md",
    embedders: Embedders | None = None,
) -> None:
    """Have one document processed."""
    path = folder / filename
    path.write_text(text)
    storage = FolderStorage(folder / "stored")
    document_id = await add_document(database, storage, organization_id, path)
    pipeline = DocumentPipeline(database, storage, embedders or local_embedders(), _parser)
    await pipeline.run(organization_id, document_id)
