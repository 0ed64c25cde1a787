"""Live streams across processes: who follows a turn that runs elsewhere asks its runner for the events.

Each process listens on one channel of Postgres, named after its runner. Nothing is published unless
somebody asked, so a turn that is read where it runs costs nothing here. Whatever gets lost on the way
does no harm: events carry positions, and the turn's row tells the rest.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from typing import Any

import orjson
import psycopg
import structlog
from psycopg import AsyncConnection, sql

from api.chat.streams import FINAL, Event, TurnStream
from core.database import Claims, Database
from core.errors import Unavailable

GATHER_S = 0.05
"""Events of one turn are published together, at most this often."""
SILENCE_S = 1.0
"""After this long without news a follower looks at the turn's row."""
_RECONNECT_S = 1.0
_PAYLOAD_BYTES = 7000

log = structlog.get_logger()


class Relay:
    """This process's ear and mouth."""

    def __init__(self, database: Database, runner_id: str, find: Callable[[str], TurnStream | None]) -> None:
        self._database = database
        self._own = runner_id
        self._find = find
        self._followers: defaultdict[str, set[asyncio.Queue[list[Event]]]] = defaultdict(set)
        self._telling: dict[tuple[str, str], asyncio.Task[None]] = {}

    async def listen(self) -> None:
        """Hear what other processes say; runs until it is cancelled, and comes back after a failure."""
        while True:
            try:
                await self._hear()
            except psycopg.Error as fault:
                log.warning("relay_disconnected", runner_id=self._own, error=str(fault).strip())
            await asyncio.sleep(_RECONNECT_S)

    async def follow(
        self, turn_id: str, runner_id: str, leaving: asyncio.Event
    ) -> AsyncIterator[list[Event]]:
        """A turn's events from its beginning, as its runner tells them.

        Ends with the turn, in silence, or when ``leaving`` is set: this process is about to end.
        """
        queue: asyncio.Queue[list[Event]] = asyncio.Queue()
        self._followers[turn_id].add(queue)
        try:
            await self._say(runner_id, {"follow": turn_id, "to": self._own})
            while events := await _next(queue, leaving):
                yield events
                if events[-1].kind in FINAL:
                    return
        except Unavailable:
            return
        finally:
            self._followers[turn_id].discard(queue)
            if not self._followers[turn_id]:
                del self._followers[turn_id]

    async def _hear(self) -> None:
        connection = await AsyncConnection.connect(
            self._database.conninfo, autocommit=True, connect_timeout=3, application_name="limitless-relay"
        )
        try:
            await connection.execute(sql.SQL("listen {}").format(sql.Identifier(self._own)))
            async for heard in connection.notifies():
                self._take(orjson.loads(heard.payload))
        finally:
            # Not left to the connection itself: it waits for a rollback, which a cancelled task never gets.
            await connection.close()

    def _take(self, message: dict[str, Any]) -> None:
        if "follow" in message:
            self._tell(message["follow"], message["to"])
            return
        events = [Event(*event) for event in message["events"]]
        for queue in self._followers.get(message["turn"], ()):
            queue.put_nowait(events)

    def _tell(self, turn_id: str, to: str) -> None:
        stream = self._find(turn_id)
        if stream is None or (turn_id, to) in self._telling:
            return
        task = asyncio.create_task(self._forward(turn_id, stream, to))
        self._telling[turn_id, to] = task
        task.add_done_callback(lambda _: self._telling.pop((turn_id, to), None))

    async def _forward(self, turn_id: str, stream: TurnStream, to: str) -> None:
        try:
            async for events in stream.follow():
                for portion in _portions(events):
                    await self._say(to, {"turn": turn_id, "events": portion})
                await asyncio.sleep(GATHER_S)
        except Unavailable:
            log.warning("relay_gave_up", turn_id=turn_id)

    async def _say(self, to: str, message: dict[str, Any]) -> None:
        payload = orjson.dumps(message).decode()
        await self._database.fetch(Claims.nobody(), "select pg_notify(%s, %s)", (to, payload))


async def _next(queue: asyncio.Queue[list[Event]], leaving: asyncio.Event) -> list[Event] | None:
    """What was heard; None after `SILENCE_S`, and when this process is about to end."""
    hearing, left = asyncio.ensure_future(queue.get()), asyncio.ensure_future(leaving.wait())
    try:
        await asyncio.wait((hearing, left), timeout=SILENCE_S, return_when=asyncio.FIRST_COMPLETED)
        return hearing.result() if hearing.done() and not left.done() else None
    finally:
        hearing.cancel()
        left.cancel()


def _portions(events: list[Event]) -> list[list[tuple[Any, ...]]]:
    """The events in portions that fit into a notification; one that does not is left to the turn's row."""
    portions: list[list[tuple[Any, ...]]] = [[]]
    room = _PAYLOAD_BYTES
    for event in events:
        size = len(orjson.dumps(tuple(event)))
        if size > _PAYLOAD_BYTES:
            break
        if size > room:
            portions.append([])
            room = _PAYLOAD_BYTES
        portions[-1].append(tuple(event))
        room -= size
    return [portion for portion in portions if portion]
