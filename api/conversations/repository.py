"""Reading conversations."""

from typing import Any

from psycopg import AsyncCursor, sql
from psycopg.rows import DictRow

from api.conversations.schemas import ConversationSummary
from core.database.pool import Connection

_FROM = "from conversations c join campaigns k on k.id = c.campaign_id"


async def page(
    connection: Connection,
    *,
    campaign_id: str | None,
    stage: str | None,
    qualified: bool | None,
    limit: int,
    offset: int,
) -> tuple[list[ConversationSummary], int]:
    """A page of conversations, and how many match."""
    wanted: dict[str, Any] = {"c.campaign_id": campaign_id, "c.stage": stage, "c.qualified": qualified}
    given = {column: value for column, value in wanted.items() if value is not None}
    where = sql.SQL(" and ").join(
        [sql.SQL("true"), *(sql.SQL("{} = %s").format(sql.Identifier(*c.split("."))) for c in given)]
    )
    rows = await connection.execute(
        sql.SQL(
            "select c.*, k.code {} where {} order by c.last_message_at desc, c.id limit %s offset %s"
        ).format(sql.SQL(_FROM), where),
        [*given.values(), limit, offset],
    )
    found = [_summary(row) for row in await rows.fetchall()]
    total = await connection.execute(
        sql.SQL("select count(*) as n from conversations c where {}").format(where), list(given.values())
    )
    counted = await total.fetchone()
    return found, counted["n"] if counted else 0


async def conversation(connection: Connection, conversation_id: str) -> DictRow | None:
    """One conversation's row."""
    cursor = await connection.execute("select * from conversations where id = %s", (conversation_id,))
    return await cursor.fetchone()


async def messages(connection: Connection, conversation_id: str) -> AsyncCursor[DictRow]:
    """Its messages, in order."""
    return await connection.execute(
        "select * from messages where conversation_id = %s order by seq", (conversation_id,)
    )


async def last_words(connection: Connection, conversation_id: str) -> str | None:
    """The lead's newest message."""
    cursor = await connection.execute(
        "select content from messages where conversation_id = %s and role = 'human'"
        " order by seq desc limit 1",
        (conversation_id,),
    )
    row = await cursor.fetchone()
    return None if row is None else row["content"]


def _summary(row: DictRow) -> ConversationSummary:
    return ConversationSummary(
        id=row["id"],
        instagram_handle=f"@{row['handle']}",
        campaign_code=row["code"],
        current_stage=row["stage"],
        qualified=row["qualified"],
        qualification_score=round(row["qualification_score"], 3),
        total_messages=row["total_messages"],
        created_at=row["created_at"],
        last_message_at=row["last_message_at"],
    )
