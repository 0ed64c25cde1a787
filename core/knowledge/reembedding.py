"""Going over to another embedding model, document by document, while the old vectors still serve."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.database import Claims, Database
from core.embeddings.base import Embedder
from core.knowledge.chunks import NewChunk, written

if TYPE_CHECKING:
    from core.embeddings.base import Vectors


@dataclass(frozen=True, slots=True)
class Outdated:
    """A document whose vectors are another model's."""

    organization_id: str
    document_id: str
    chunks: int


@dataclass(frozen=True, slots=True)
class _Stored:
    chunk_id: int
    chunk: NewChunk


async def outdated(database: Database, model: str) -> list[Outdated]:
    """What is left to do, of every organization."""
    rows = await database.fetch(Claims.nobody(), "select * from app.documents_of_other_models(%s)", (model,))
    return [Outdated(**row) for row in rows]


async def reembed(database: Database, embedder: Embedder, document: Outdated) -> AsyncIterator[int]:
    """Give one document vectors of ``embedder``; yields how many chunks are done, as they are.

    The change is one transaction, so a search finds the old vectors or the new ones, never both or none,
    and a run that was broken off has nothing to clear up.
    """
    claims = Claims.for_organization(document.organization_id)
    rows = await database.fetch(
        claims,
        "select id, heading, text from chunks where document_id = %s order by position",
        (document.document_id,),
    )
    stored = [_Stored(row["id"], NewChunk(row["text"], row["heading"], None)) for row in rows]
    batches: list[tuple[Sequence[_Stored], Vectors]] = []
    for start in range(0, len(stored), embedder.batch_size):
        batch = stored[start : start + embedder.batch_size]
        batches.append((batch, await embedder.embed([one.chunk.meaning for one in batch])))
        yield len(batch)
    if batches:
        await _exchange(database, claims, document, embedder.name, batches)


async def _exchange(
    database: Database,
    claims: Claims,
    document: Outdated,
    model: str,
    batches: Sequence[tuple[Sequence[_Stored], Vectors]],
) -> None:
    dimensions = batches[0][1].shape[1]
    async with database.transaction(claims) as connection:
        taken = await connection.execute(
            "update documents set embedding_model = %s, embedding_dimensions = %s"
            " where id = %s and status = 'completed' and embedding_model is distinct from %s",
            (model, dimensions, document.document_id, model),
        )
        if taken.rowcount != 1:
            return
        await connection.execute(
            "create temporary table renewed (chunk_id bigint, embedding vector) on commit drop"
        )
        async with connection.cursor().copy("copy renewed from stdin") as copy:
            for batch, vectors in batches:
                for one, vector in zip(batch, vectors, strict=True):
                    await copy.write_row((one.chunk_id, written(vector)))
        await connection.execute(
            "delete from chunk_embeddings where document_id = %s", (document.document_id,)
        )
        await connection.execute(
            "insert into chunk_embeddings"
            " (chunk_id, organization_id, document_id, model, dimensions, embedding)"
            " select c.id, c.organization_id, c.document_id, %s, %s, r.embedding"
            " from renewed r join chunks c on c.id = r.chunk_id",
            (model, dimensions),
        )
