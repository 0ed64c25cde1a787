"""The checkpointer of the hot path: read and written in the statements that take and end a turn.

The library's tables, in the schema ``checkpoints``. The graph runs with ``durability="exit"``: it hands
over one checkpoint, at its end. That is kept here until it is written together with the reply; everything
older of the thread goes then: a thread holds one checkpoint, at any age.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, NamedTuple

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
from psycopg import AsyncConnection
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

_READ = "select * from app.read_checkpoint(%s)"


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


class Kept(NamedTuple):
    """A checkpoint, serialised: what ``app.save_checkpoint`` takes behind the thread."""

    checkpoint_id: str
    checkpoint: str
    metadata: str
    version: str | None
    """Of the channel that is kept apart; None when there is nothing in it."""
    blob: bytes | None


class TurnCheckpoint:
    """What one turn reads of its thread and leaves behind.

    ``row`` is what was read of ``app.read_checkpoint`` already. Without it, ``connect`` is asked for a
    transaction when the graph reads.
    """

    def __init__(self, thread_id: str, connect: Connect, row: Mapping[str, Any] | None = None) -> None:
        self.thread_id = thread_id
        self._connect = connect
        self._row = row
        self._kept: Kept | None = None

    @property
    def config(self) -> RunnableConfig:
        """What to run the graph with."""
        return {"configurable": {"thread_id": self.thread_id, _KEPT_BY: self}}

    async def row(self) -> Mapping[str, Any] | None:
        """The thread's newest checkpoint; None for a new thread."""
        row, self._row = self._row, None
        if row is None:
            async with self._connect() as connection:
                cursor = await connection.execute(_READ, (self.thread_id,))
            row = await cursor.fetchone()
        return row if row and row["checkpoint"] else None

    def keep(self, checkpoint: Checkpoint, metadata: CheckpointMetadata, blob: bytes | None) -> None:
        """Hold the checkpoint, serialised, until it is written."""
        version = checkpoint["channel_versions"].get(_APART) if blob is not None else None
        self._kept = Kept(
            checkpoint["id"],
            orjson.dumps(checkpoint).decode(),
            orjson.dumps(metadata).decode(),
            None if version is None else str(version),
            blob,
        )

    @property
    def kept(self) -> Kept:
        """What is to be written; raises RuntimeError before the graph has ended."""
        if self._kept is None:
            raise RuntimeError("the graph has not ended: there is no checkpoint to save")
        return self._kept


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
        """Keep it; whoever ends the turn writes it."""
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
