"""Questions that no document answered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg.rows import DictRow

from core.database.pool import Connection
from core.embeddings.local import LocalEmbedder

ALIKE = 0.6
"""Cosine of two questions in the embedded model from which they are one, chosen on paraphrases."""
READ_AT_MOST = 1_000


@dataclass(frozen=True, slots=True)
class Gap:
    """Questions that are alike, newest first."""

    questions: Sequence[DictRow]


async def insert(connection: Connection, values: Mapping[str, Any]) -> None:
    """Keep a question; a turn that runs again keeps it once."""
    await connection.execute(
        "insert into knowledge_gaps"
        " (id, organization_id, campaign_id, conversation_id, turn_id, question, language)"
        " values (%(id)s, %(organization_id)s, %(campaign_id)s, %(conversation_id)s, %(turn_id)s,"
        " %(question)s, %(language)s) on conflict (turn_id) do nothing",
        values,
    )


async def newest(connection: Connection, campaign_id: str | None) -> list[DictRow]:
    """The newest questions, `READ_AT_MOST` of them."""
    cursor = await connection.execute(
        "select g.*, c.code as campaign_code"
        " from knowledge_gaps g left join campaigns c on c.id = g.campaign_id"
        " where %(campaign)s::text is null or g.campaign_id = %(campaign)s"
        " order by g.created_at desc, g.id limit %(limit)s",
        {"campaign": campaign_id, "limit": READ_AT_MOST},
    )
    return await cursor.fetchall()


async def delete(connection: Connection, gap_ids: Sequence[str]) -> int:
    """Forget questions; how many there were."""
    cursor = await connection.execute("delete from knowledge_gaps where id = any (%s)", (list(gap_ids),))
    return cursor.rowcount


async def grouped(questions: Sequence[DictRow]) -> list[Gap]:
    """Groups of questions that are alike, the largest first. Always by the embedded model: it is there."""
    if not questions:
        return []
    vectors = await LocalEmbedder().embed([row["question"] for row in questions])
    groups: list[list[int]] = []
    for index, vector in enumerate(vectors):
        near = ((float(vector @ vectors[group[0]]), group) for group in groups)
        likeness, group = max(near, key=lambda pair: pair[0], default=(0.0, []))
        if likeness >= ALIKE:
            group.append(index)
        else:
            groups.append([index])
    groups.sort(key=len, reverse=True)
    return [Gap([questions[index] for index in group]) for group in groups]
