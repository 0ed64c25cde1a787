"""Hybrid search: vectors for what is meant, words for what is said, fused by reciprocal rank."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import structlog
from psycopg import sql
from psycopg.rows import DictRow

from core.database import Claims, Database
from core.embeddings.choice import Embedders
from core.errors import OutsideError
from core.knowledge.chunks import written
from core.knowledge.scope import EVERYTHING, Restriction, Scope, VectorSpace, read_scope
from core.knowledge.vector_index import indexed_type

if TYPE_CHECKING:
    from core.embeddings.base import Vectors

DEPTH = 20
"""Of each list that is fused; what stands lower in both is no answer."""
RANK_OFFSET = 5
"""The ``k`` of reciprocal rank fusion. Lists of 20 want a smaller one than the 60 made for thousands."""
SCAN = 200
"""Candidates that HNSW keeps in sight (``ef_search``)."""
SCAN_AT_MOST = 40_000
"""Vectors that it may walk past, most of them other tenants', before it gives up."""
QUESTION_CHARACTERS = 1_000

Mode = Literal["hybrid", "vectors", "words"]
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Hit:
    """A chunk that may answer. ``similarity`` (cosine) and ``coverage`` (share of the question's weight that
    it has in words) are None where that half of the search did not find it."""

    chunk_id: int
    document_id: str
    filename: str
    category: str | None
    heading: str
    page: int | None
    text: str
    score: float
    similarity: float | None
    words: float | None
    coverage: float | None


class KnowledgeSearch:
    """Searches an organization's documents."""

    def __init__(self, database: Database, embedders: Embedders) -> None:
        self._database = database
        self._embedders = embedders

    async def search(
        self,
        claims: Claims,
        question: str,
        restriction: Restriction = EVERYTHING,
        *,
        wanted: int = DEPTH,
        mode: Mode = "hybrid",
        exact: bool = False,
    ) -> list[Hit]:
        """The chunks nearest to ``question``, best first; ``exact`` looks at each vector in any case.

        No connection is held while the embedding is made. Without an embedding, words alone must do.
        """
        question = question.replace("\x00", " ")[:QUESTION_CHARACTERS]
        scope = await read_scope(self._database, claims, restriction)
        if not scope.chunks:
            return []
        near = [] if mode == "words" else await self._embedded(question, scope)
        if mode == "vectors" and not near:
            return []
        plan = _Plan(scope, near, question, mode, wanted)
        rows = await self._rows(claims, plan, exact=exact)
        if not exact and plan.is_short(rows):
            rows = await self._rows(claims, plan, exact=True)
        return [_hit(row) for row in rows]

    async def _rows(self, claims: Claims, plan: _Plan, *, exact: bool) -> list[DictRow]:
        async with self._database.pipeline(claims) as connection:
            await connection.execute(_SETTINGS, (str(SCAN), str(SCAN_AT_MOST)))
            cursor = await connection.execute(plan.statement(exact=exact), plan.parameters(), prepare=False)
        return await cursor.fetchall()

    async def _embedded(self, question: str, scope: Scope) -> list[tuple[VectorSpace, Vectors]]:
        found = await asyncio.gather(*(self._in_space(question, space) for space in scope.spaces))
        return [
            (space, vector) for space, vector in zip(scope.spaces, found, strict=True) if vector is not None
        ]

    async def _in_space(self, question: str, space: VectorSpace) -> Vectors | None:
        embedder = self._embedders.named(space.model)
        if embedder is None:
            log.warning("embedding_model_unreachable", model=space.model, vectors=space.vectors)
            return None
        try:
            vector = await embedder.embed_query(question)
        except OutsideError as fault:
            log.warning("question_not_embedded", model=space.model, error=fault.message)
            return None
        return vector if len(vector) == space.dimensions else None


_SETTINGS = """
select set_config('hnsw.iterative_scan', 'relaxed_order', true),
    set_config('hnsw.ef_search', %s, true), set_config('hnsw.max_scan_tuples', %s, true)
"""

# Looks at each vector of the organization, by the index on its owner: no index knows this expression.
_EXACT = sql.SQL("""
select chunk_id, embedding <=> {vector}::vector as distance from chunk_embeddings
where model = {model} and dimensions = {dimensions} and {within}
order by distance limit {depth}
""")

# The index on the expression; with iterative scan it goes on until the filter has let enough through.
_APPROXIMATE = sql.SQL("""
select chunk_id, embedding::{kind} <=> {vector}::{kind} as distance
from chunk_embeddings
where model = {model} and dimensions = {dimensions} and {within}
order by embedding::{kind} <=> {vector}::{kind} limit {depth}
""")

_FUSED = sql.SQL("""
with near as materialized (
    {near}
), words as materialized (
    select chunk_id, score, coverage, row_number() over (order by score desc, chunk_id) as rank
    from app.chunks_by_words(%(question)s, %(dictionaries)s, %(within)s::text[], %(total)s, {depth})
    where %(with_words)s
), fused as materialized (
    select chunk_id, 1 - near.distance as similarity, words.score as words, words.coverage,
        (coalesce(1.0 / ({offset} + near.rank), 0)
            + coalesce(1.0 / ({offset} + words.rank), 0))::float8 as score
    from near
    full join words using (chunk_id)
    order by score desc, chunk_id
    limit %(wanted)s
)
select f.*, c.document_id, c.heading, c.page, c.text, d.filename, d.category,
    (select count(*) from near) as near_found
from fused f
join chunks c on c.id = f.chunk_id
join documents d on d.id = c.document_id
order by f.score desc, f.chunk_id
""")

_RANKED = sql.SQL(
    "select chunk_id, distance, row_number() over (order by distance, chunk_id) as rank from ({}) as space_{}"
)
_NOTHING_NEAR = sql.SQL(
    "select null::bigint as chunk_id, null::float8 as distance, null::bigint as rank where false"
)


@dataclass(frozen=True, slots=True)
class _Plan:
    """One search, to be put in SQL."""

    scope: Scope
    near: Sequence[tuple[VectorSpace, Vectors]]
    question: str
    mode: Mode
    wanted: int

    def is_short(self, rows: Sequence[DictRow]) -> bool:
        """Whether the index gave up before it had found what there is."""
        expected = sum(min(DEPTH, space.vectors) for space, _ in self.near)
        indexed = any(not space.is_small for space, _ in self.near)
        return indexed and (rows[0]["near_found"] if rows else 0) < expected

    def parameters(self) -> dict[str, Any]:
        return {
            "question": self.question,
            "dictionaries": list(self.scope.dictionaries),
            "within": self.scope.documents,
            "total": self.scope.chunks,
            "with_words": self.mode != "vectors",
            "wanted": self.wanted,
        }

    def statement(self, *, exact: bool) -> sql.Composed:
        spaces = [
            _RANKED.format(self._nearest(space, vector, exact or space.is_small), sql.SQL(str(number)))
            for number, (space, vector) in enumerate(self.near)
        ]
        return _FUSED.format(
            near=sql.SQL(" union all ").join(spaces) if spaces else _NOTHING_NEAR,
            depth=sql.Literal(DEPTH),
            offset=sql.Literal(RANK_OFFSET),
        )

    def _nearest(self, space: VectorSpace, vector: Vectors, exact: bool) -> sql.Composed:
        all_of_it = self.scope.documents is None
        return (_EXACT if exact else _APPROXIMATE).format(
            # Written out, not passed: the planner must see that a partial index on an expression applies.
            vector=sql.Literal(written(vector)),
            kind=indexed_type(space.dimensions),
            model=sql.Literal(space.model),
            dimensions=sql.Literal(space.dimensions),
            within=sql.SQL("true" if all_of_it else "document_id = any (%(within)s::text[])"),
            depth=sql.Literal(DEPTH),
        )


def _hit(row: DictRow) -> Hit:
    return Hit(**{name: value for name, value in row.items() if name != "near_found"})
