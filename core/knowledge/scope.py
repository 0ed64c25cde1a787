"""What of an organization's knowledge a question may be answered from, and how that is best searched."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import LiteralString

from core.database import Claims, Database
from core.knowledge.languages import dictionary

EXACT_FLOATS = 2_560_000
"""Up to 10,000 vectors of 256 numbers a look at each of them is faster than the index (5 ms), and misses
nothing: with a filter, HNSW walks past most of what it finds."""

_SCOPE: LiteralString = """
with allowed as (
    select coalesce(c.knowledge_categories, %(categories)s) as categories,
        coalesce(c.knowledge_tags, %(tags)s) as tags
    from (select) as one
    left join campaigns c on c.id = %(campaign_id)s
)
select d.embedding_model, d.embedding_dimensions, d.language,
    sum(d.total_chunks)::bigint as chunks, array_agg(d.id) as documents,
    cardinality(a.categories) + cardinality(a.tags) > 0 as restricted
from documents d, allowed a
where d.status = 'completed' and d.total_chunks > 0
    and (a.categories = '{}' or d.category = any (a.categories))
    and (a.tags = '{}' or d.tags && a.tags)
group by d.embedding_model, d.embedding_dimensions, d.language, restricted
"""


@dataclass(frozen=True, slots=True)
class Restriction:
    """Which documents may be used: those of any of the categories, with any of the tags. Empty is all.

    A campaign's own restriction goes before what is named here.
    """

    categories: Sequence[str] = ()
    tags: Sequence[str] = ()
    campaign_id: str | None = None


EVERYTHING = Restriction()


@dataclass(frozen=True, slots=True)
class VectorSpace:
    """The vectors of one model. During a change of models there are two."""

    model: str
    dimensions: int
    vectors: int

    @property
    def is_small(self) -> bool:
        """Whether looking at each vector is the best search."""
        return self.vectors * self.dimensions <= EXACT_FLOATS


@dataclass(frozen=True, slots=True)
class Scope:
    """The chunks that may answer. ``documents`` is None when it is all of the organization's."""

    spaces: tuple[VectorSpace, ...]
    dictionaries: tuple[str, ...]
    chunks: int
    documents: list[str] | None


async def read_scope(database: Database, claims: Claims, restriction: Restriction) -> Scope:
    """How things stand now, in one round trip."""
    parameters = {
        "categories": list(restriction.categories),
        "tags": list(restriction.tags),
        "campaign_id": restriction.campaign_id,
    }
    rows = await database.fetch(claims, _SCOPE, parameters)
    vectors: dict[tuple[str, int], int] = {}
    for row in rows:
        key = (row["embedding_model"], row["embedding_dimensions"])
        vectors[key] = vectors.get(key, 0) + row["chunks"]
    restricted = any(row["restricted"] for row in rows)
    return Scope(
        spaces=tuple(VectorSpace(model, size, count) for (model, size), count in sorted(vectors.items())),
        dictionaries=tuple(sorted({dictionary(row["language"]) for row in rows})),
        chunks=sum(vectors.values()),
        documents=[one for row in rows for one in row["documents"]] if restricted else None,
    )
