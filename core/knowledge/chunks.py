"""Storing chunks with their vectors."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import orjson

from core.database.pool import Connection
from core.knowledge.documents import Document
from core.knowledge.languages import dictionary

if TYPE_CHECKING:
    from core.embeddings.base import Vectors

HEADING_SEPARATOR = " › "
_AT_A_STRETCH = 32
"""Rows, a few milliseconds: replies are written in the same process."""


@dataclass(frozen=True, slots=True)
class NewChunk:
    """A piece of a document. ``heading`` is the path of the headings above it, as one line."""

    text: str
    heading: str
    page: int | None

    @property
    def meaning(self) -> str:
        """What is embedded: a piece alone often does not say what it is about."""
        return f"{self.heading}\n{self.text}" if self.heading else self.text


async def store(
    connection: Connection,
    document: Document,
    chunks: Sequence[NewChunk],
    vectors: Vectors,
    *,
    model: str,
    language: str | None,
) -> None:
    """Put ``chunks`` in the place of whatever the document had."""
    await connection.execute("delete from chunks where document_id = %s", (document.id,))
    # COPY does not work into a table with row-level security; through a table of our own it does.
    await connection.execute(
        "create temporary table incoming (position integer, heading text, page integer, text text,"
        " embedding vector) on commit drop"
    )
    async with connection.cursor().copy("copy incoming from stdin") as copy:
        for position, (chunk, vector) in enumerate(zip(chunks, vectors, strict=True)):
            await copy.write_row((position, chunk.heading, chunk.page, chunk.text, written(vector)))
            if position % _AT_A_STRETCH == 0:
                await asyncio.sleep(0)
    await connection.execute(
        "with stored as ("
        " insert into chunks (organization_id, document_id, position, heading, page, text, language)"
        " select %(organization)s, %(document)s, position, heading, page, text, %(language)s::regconfig"
        " from incoming order by position returning id, position"
        ") insert into chunk_embeddings"
        " (chunk_id, organization_id, document_id, model, dimensions, embedding)"
        " select stored.id, %(organization)s, %(document)s, %(model)s, %(dimensions)s, incoming.embedding"
        " from stored join incoming using (position)",
        {
            "organization": document.organization_id,
            "document": document.id,
            "language": dictionary(language),
            "model": model,
            "dimensions": vectors.shape[1],
        },
    )


def written(vector: Vectors) -> str:
    """A vector as Postgres reads it."""
    return orjson.dumps(vector, option=orjson.OPT_SERIALIZE_NUMPY).decode()
