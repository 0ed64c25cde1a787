"""The checkpointer of the hot path: one read a turn, and one statement in the caller's transaction.

The library's tables, in the schema ``checkpoints``. The graph runs with ``durability="exit"``: it hands
over one checkpoint, at its end. That is kept here until `TurnCheckpoint.save` writes it together with
the reply, and takes everything older of the thread away: a thread holds one checkpoint, at any age.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any

import orjson
import ormsgpack
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import (
    ChannelVersions,
    Checkpoint,
    CheckpointMetadata,
    CheckpointTuple,
    get_serializable_checkpoint_metadata,
)
from langgraph.checkpoint.postgres.base import BasePostgresSaver
from langgraph.checkpoint.serde.base import SerializerProtocol
from psycopg import AsyncConnection, AsyncCursor
from psycopg.rows import DictRow

from core.errors import LimitlessError

Connection = AsyncConnection[DictRow]
Connect = Callable[[], AbstractAsyncContextManager[Connection]]
"""Opens a transaction that may read the thread; a pipeline will do, it is read when that has ended."""

_KEPT_BY = "turn_checkpoint"
_APART = "messages"
"""The one channel that holds objects; all others are plain JSON and stand in the checkpoint itself."""
_MESSAGE = 1
_MESSAGES: dict[str, type[HumanMessage | AIMessage]] = {"human": HumanMessage, "ai": AIMessage}

_READ = """
select c.checkpoint::text as checkpoint, c.metadata::text as metadata, c.parent_checkpoint_id as parent,
       b.type as kind, b.blob
from checkpoints.checkpoints c
left join checkpoints.checkpoint_blobs b
    on b.thread_id = c.thread_id and b.checkpoint_ns = c.checkpoint_ns and b.channel = %s
    and b.version = c.checkpoint -> 'channel_versions' ->> b.channel
where c.thread_id = %s and c.checkpoint_ns = ''
order by c.checkpoint_id desc limit 1
"""
_SAVE = """
with saved as (
    select %s::text as thread_id, %s::text as id, %s::text as version, %s::bytea as blob
), older as (
    delete from checkpoints.checkpoints c using saved s
    where c.thread_id = s.thread_id and c.checkpoint_id <> s.id
), older_blobs as (
    delete from checkpoints.checkpoint_blobs b using saved s
    where b.thread_id = s.thread_id and (b.channel <> %s or b.version is distinct from s.version)
), older_writes as (
    delete from checkpoints.checkpoint_writes w using saved s where w.thread_id = s.thread_id
), blob as (
    insert into checkpoints.checkpoint_blobs (thread_id, checkpoint_ns, channel, version, type, blob)
    select thread_id, '', %s, version, 'msgpack', blob from saved where version is not null
    on conflict (thread_id, checkpoint_ns, channel, version) do update set blob = excluded.blob
)
insert into checkpoints.checkpoints (thread_id, checkpoint_ns, checkpoint_id, checkpoint, metadata)
select thread_id, '', id, %s::jsonb, %s::jsonb from saved
on conflict (thread_id, checkpoint_ns, checkpoint_id)
    do update set checkpoint = excluded.checkpoint, metadata = excluded.metadata
"""


class ForgedCheckpoint(LimitlessError):
    """A checkpoint holds what we never write; nothing of it was run."""


class StrictMsgpack(SerializerProtocol):
    """Msgpack with one extension, a message's kind, text and id: nothing in it names code."""

    def dumps_typed(self, obj: Any) -> tuple[str, bytes]:
        """Plain data and messages; raises `TypeError` for anything else."""
        return "msgpack", ormsgpack.packb(obj, default=_packed_message)

    def loads_typed(self, data: tuple[str, bytes]) -> Any:
        """The data; raises `ForgedCheckpoint` for any other format and any other extension."""
        kind, packed = data
        if kind != "msgpack":
            raise ForgedCheckpoint(f"A checkpoint is kept as {kind}, not as msgpack.")
        try:
            return ormsgpack.unpackb(packed, ext_hook=_unpacked_message)
        except ValueError:
            raise ForgedCheckpoint("A checkpoint holds more than data and messages.") from None


class TurnCheckpoint:
    """What one turn reads of its thread and leaves behind.

    ``connect`` is asked for a transaction when the graph reads, unless `ask` was used before.
    """

    def __init__(self, thread_id: str, connect: Connect) -> None:
        self.thread_id = thread_id
        self._connect = connect
        self._asked: AsyncCursor[DictRow] | None = None
        self._kept: tuple[object, ...] | None = None

    @property
    def config(self) -> RunnableConfig:
        """What to run the graph with."""
        return {"configurable": {"thread_id": self.thread_id, _KEPT_BY: self}}

    async def ask(self, connection: Connection) -> None:
        """Send the read along in the caller's pipeline; the graph takes the answer when it starts."""
        self._asked = await connection.execute(_READ, (_APART, self.thread_id))

    async def row(self) -> DictRow | None:
        """The thread's newest checkpoint."""
        if self._asked is None:
            async with self._connect() as connection:
                await self.ask(connection)
        asked, self._asked = self._asked, None
        return await asked.fetchone() if asked else None

    def keep(self, checkpoint: Checkpoint, metadata: CheckpointMetadata, blob: bytes | None) -> None:
        """Hold the checkpoint, serialised, for `save`."""
        version = checkpoint["channel_versions"].get(_APART) if blob is not None else None
        self._kept = (
            *(self.thread_id, checkpoint["id"], version, blob, _APART, _APART),
            orjson.dumps(checkpoint).decode(),
            orjson.dumps(metadata).decode(),
        )

    async def save(self, connection: Connection) -> None:
        """Write it in the caller's transaction, with one statement; safe to repeat after a rollback."""
        if self._kept is None:
            raise RuntimeError("the graph has not ended: there is no checkpoint to save")
        await connection.execute(_SAVE, self._kept)


class TurnSaver(BasePostgresSaver):
    """LangGraph's view of it: one for the process, since each run brings its own `TurnCheckpoint`."""

    def __init__(self) -> None:
        super().__init__(serde=StrictMsgpack())

    async def aget_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        """The thread's newest checkpoint, None for a new thread."""
        turn = _turn(config)
        row = await turn.row()
        if row is None:
            return None
        checkpoint = orjson.loads(row["checkpoint"])
        if row["kind"] is not None:
            checkpoint["channel_values"][_APART] = self.serde.loads_typed((row["kind"], row["blob"]))
        return CheckpointTuple(
            _addressed(turn.thread_id, checkpoint["id"]), checkpoint, orjson.loads(row["metadata"]), None, []
        )

    async def aput(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
    ) -> RunnableConfig:
        """Keep it; the turn's `TurnCheckpoint.save` writes it."""
        turn = _turn(config)
        values = dict(checkpoint["channel_values"])
        messages = values.pop(_APART, None)
        blob = None if messages is None else self.serde.dumps_typed(messages)[1]
        plain: Checkpoint = {**checkpoint, "channel_values": values}
        turn.keep(plain, get_serializable_checkpoint_metadata(config, metadata), blob)
        return _addressed(turn.thread_id, checkpoint["id"])

    async def aput_writes(
        self, config: RunnableConfig, writes: Sequence[tuple[str, Any]], task_id: str, task_path: str = ""
    ) -> None:
        """Nothing: a turn that did not come to its end runs again from its beginning."""

    def get_next_version(self, current: str | None, channel: None) -> str:
        """A count that sorts as text; the library's own versions are continued."""
        return f"{int(current.partition('.')[0]) + 1 if current else 1:08}"


def _turn(config: RunnableConfig) -> TurnCheckpoint:
    turn: TurnCheckpoint = config["configurable"][_KEPT_BY]
    return turn


def _addressed(thread_id: str, checkpoint_id: str) -> RunnableConfig:
    return {"configurable": {"thread_id": thread_id, "checkpoint_ns": "", "checkpoint_id": checkpoint_id}}


def _packed_message(value: object) -> ormsgpack.Ext:
    if not isinstance(value, BaseMessage) or value.type not in _MESSAGES:
        raise TypeError(f"a {type(value).__name__} does not belong in a checkpoint")
    return ormsgpack.Ext(_MESSAGE, ormsgpack.packb((value.type, value.content, value.id)))


def _unpacked_message(code: int, packed: bytes) -> BaseMessage:
    kind, content, message_id = ormsgpack.unpackb(packed)
    if code != _MESSAGE:
        raise ValueError(code)
    return _MESSAGES[kind](content=content, id=message_id)
