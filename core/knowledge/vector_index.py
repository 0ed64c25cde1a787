"""The indexes that make search by vectors fast: one for each model, on an expression of its dimensions."""

import hashlib

from psycopg import AsyncConnection, sql

_LONGEST = 4_000
"""Dimensions that HNSW takes at half precision, which costs nothing that one could measure and is twice as
fast to search; of full precision it would take 2,000."""

_EXISTS = """
select 1 from pg_indexes
where tablename = 'chunk_embeddings' and indexdef like '%%hnsw%%' and indexdef like %s and indexdef like %s
"""
_CREATE = sql.SQL("""
create index concurrently if not exists {name} on public.chunk_embeddings
using hnsw ((embedding::extensions.{kind}) extensions.halfvec_cosine_ops) with (m = 16, ef_construction = 100)
where model = {model} and dimensions = {dimensions}
""")


def indexed_type(dimensions: int) -> sql.SQL:
    """The type that the index's expression has, and so that a search must compare by."""
    return sql.SQL(f"halfvec({dimensions})")


async def ensure_index(conninfo: str, model: str, dimensions: int) -> bool:
    """Make the index for a model where there is none; False where its vectors are too long for one.

    As the login role: the app's own may not. Searches and uploads go on meanwhile.
    """
    if dimensions > _LONGEST:
        return False
    async with await AsyncConnection.connect(conninfo, autocommit=True) as connection:
        known = await connection.execute(_EXISTS, (f"%model = '{model}'%", f"%dimensions = {dimensions}%"))
        if await known.fetchone() is None:
            await connection.execute(_statement(model, dimensions))
    return True


def _statement(model: str, dimensions: int) -> sql.Composed:
    digest = hashlib.sha256(f"{model}/{dimensions}".encode()).hexdigest()[:12]
    return _CREATE.format(
        name=sql.Identifier(f"chunk_embeddings_near_{digest}"),
        kind=indexed_type(dimensions),
        model=sql.Literal(model),
        dimensions=sql.Literal(dimensions),
    )
