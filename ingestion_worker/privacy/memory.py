"""What the agent remembers of conversations, as a person can read it."""

from collections.abc import Mapping, Sequence
from typing import Any

from core.database.pool import Connection


async def memory(connection: Connection, conversation_ids: Sequence[str]) -> list[dict[str, Any]]:
    """One entry a conversation: the facts of its state, and the messages it is made of."""
    cursor = await connection.execute(
        "select c.thread_id, c.checkpoint, b.blob from checkpoints c"
        " left join checkpoint_blobs b on b.thread_id = c.thread_id and b.checkpoint_ns = c.checkpoint_ns"
        "  and b.channel = 'messages' and b.version = c.checkpoint -> 'channel_versions' ->> 'messages'"
        " where c.thread_id = any(%s) order by c.thread_id, c.checkpoint_id",
        (list(conversation_ids),),
    )
    return [_entry(row) for row in await cursor.fetchall()]


def _entry(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "conversation_id": row["thread_id"],
        "remembered_at": row["checkpoint"]["ts"],
        "state": row["checkpoint"]["channel_values"],
        "messages": [] if row["blob"] is None else _messages(bytes(row["blob"])),
    }


def _messages(packed: bytes) -> list[dict[str, Any]]:
    from agent.checkpoints import StrictMsgpack  # brings LangGraph, which no other job needs

    messages = StrictMsgpack().loads_typed(("msgpack", packed))
    return [{"role": message.type, "content": message.content} for message in messages]
