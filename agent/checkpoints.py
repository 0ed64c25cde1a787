"""The checkpoint of a turn: read and written in the statements that take and end a turn.

The library's tables and format, in the schema ``checkpoints``. A turn leaves one checkpoint, at its end. That
is kept here until it is written together with the reply; everything older of the thread goes then: a thread
holds one checkpoint, at any age.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any, NamedTuple

import orjson
import ormsgpack
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage
from langgraph.checkpoint.base import ChannelVersions, Checkpoint, CheckpointMetadata
from langgraph.checkpoint.serde.base import SerializerProtocol
from psycopg import AsyncConnection
from psycopg.rows import DictRow

from core.errors import LimitlessError

Connection = AsyncConnection[DictRow]
Connect = Callable[[], AbstractAsyncContextManager[Connection]]
"""Opens a transaction that may read the thread; a pipeline will do, it is read when that has ended."""

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


_STRICT = StrictMsgpack()


class Kept(NamedTuple):
    """A checkpoint, serialised: what ``app.save_checkpoint`` takes behind the thread."""

    checkpoint_id: str
    checkpoint: str
    metadata: str
    version: str | None
    """Of the channel that is kept apart; None when there is nothing in it."""
    blob: bytes | None


class Left(NamedTuple):
    """What a turn left of its thread."""

    values: dict[str, Any]
    versions: ChannelVersions
    step: int
    """How many steps of the graph the thread has taken, less one."""


class TurnCheckpoint:
    """What one turn reads of its thread and leaves behind.

    ``row`` is what was read of ``app.read_checkpoint`` already. Without it, ``connect`` is asked for a
    transaction when the checkpoint is loaded.
    """

    def __init__(self, thread_id: str, connect: Connect, row: Mapping[str, Any] | None = None) -> None:
        self.thread_id = thread_id
        self._connect = connect
        self._row = row
        self._kept: Kept | None = None

    async def load(self) -> Left:
        """What the thread's last turn left; nothing for a new thread.

        Raises `ForgedCheckpoint` when it holds more than data and messages.
        """
        row = await self._read()
        if row is None:
            return Left({}, {}, -1)
        checkpoint: Checkpoint = orjson.loads(row["checkpoint"])
        if row["kind"] is not None:
            checkpoint["channel_values"][_APART] = _STRICT.loads_typed((row["kind"], row["blob"]))
        step = orjson.loads(row["metadata"])["step"]
        return Left(checkpoint["channel_values"], checkpoint["channel_versions"], step)

    async def _read(self) -> Mapping[str, Any] | None:
        row, self._row = self._row, None
        if row is None:
            async with self._connect() as connection:
                cursor = await connection.execute(_READ, (self.thread_id,))
            row = await cursor.fetchone()
        return row if row and row["checkpoint"] else None

    def keep(self, checkpoint: Checkpoint, metadata: CheckpointMetadata) -> None:
        """Hold it, serialised, until it is written; raises `TypeError` for what has no place in one."""
        values = dict(checkpoint["channel_values"])
        messages = values.pop(_APART, None)
        blob = None if messages is None else _STRICT.dumps_typed(messages)[1]
        plain: Checkpoint = {**checkpoint, "channel_values": values}
        version = checkpoint["channel_versions"].get(_APART) if blob is not None else None
        self._kept = Kept(
            checkpoint["id"],
            orjson.dumps(plain).decode(),
            orjson.dumps(metadata).decode(),
            None if version is None else str(version),
            blob,
        )

    @property
    def kept(self) -> Kept:
        """What is to be written; raises RuntimeError before anything was kept."""
        if self._kept is None:
            raise RuntimeError("the graph has not ended: there is no checkpoint to save")
        return self._kept


def _packed_message(value: object) -> ormsgpack.Ext:
    if not isinstance(value, BaseMessage) or value.type not in _MESSAGES:
        raise TypeError(f"a {type(value).__name__} does not belong in a checkpoint")
    return ormsgpack.Ext(_MESSAGE, ormsgpack.packb((value.type, value.content, value.id)))


def _unpacked_message(code: int, packed: bytes) -> BaseMessage:
    kind, content, message_id = ormsgpack.unpackb(packed)
    if code != _MESSAGE:
        raise ValueError(code)
    return _MESSAGES[kind](content=content, id=message_id)
