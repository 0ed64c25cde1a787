"""Rows of the demo, moved back in time."""

from datetime import timedelta

from psycopg import sql

from core.database.pool import Connection

_PACE = timedelta(seconds=40)
"""From one message to the next; the demo's leads talk without a pause."""
_MOMENTS = {
    "turns": ("created_at", "started_at", "finished_at"),
    "checkouts": ("created_at", "generation_began_at"),
    "payments": ("created_at", "paid_at"),
    "knowledge_gaps": ("created_at",),
    "conversations": (
        *("last_message_at", "qualified_at", "checkout_at", "checkout_opened_at"),
        "converted_at",
    ),
}
_PACED = sql.SQL(
    "{0} = case when t.{0} is not null then v.created_at - %(by)s + %(pace)s * (select count(*)"
    " from messages m where m.conversation_id = v.id and m.created_at < t.{0}) end"
)
"""By as many steps behind the beginning as there were messages before."""


async def move_visit(connection: Connection, campaign_id: str, visitor: bytes, by: timedelta) -> None:
    """The visitor came so much earlier."""
    await connection.execute(
        "update visits set created_at = created_at - %s, day = (created_at - %s)::date"
        " where campaign_id = %s and visitor = %s",
        (by, by, campaign_id, visitor),
    )


async def move_conversation(connection: Connection, conversation_id: str, by: timedelta) -> None:
    """All of it was said and done so much earlier, and at a human pace."""
    values = {"id": conversation_id, "by": by, "pace": _PACE}
    for table, moments in _MOMENTS.items():
        statement = sql.SQL("update {} t set {} from conversations v where v.id = t.{} and v.id = %(id)s")
        key = "id" if table == "conversations" else "conversation_id"
        changes = sql.SQL(", ").join(_PACED.format(sql.Identifier(name)) for name in moments)
        await connection.execute(
            statement.format(sql.Identifier(table), changes, sql.Identifier(key)), values
        )
    await connection.execute(
        "update messages m set created_at = v.created_at - %(by)s + %(pace)s * (m.seq - 1)"
        " from conversations v where v.id = m.conversation_id and v.id = %(id)s",
        values,
    )
    await connection.execute(
        "update conversations set created_at = created_at - %(by)s where id = %(id)s", values
    )
