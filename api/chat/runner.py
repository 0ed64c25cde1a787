"""Runs turns, tied to no request.

A turn belongs to one process at a time. The process says every moment that it lives; a turn
whose process was not seen for six seconds is taken over and run again from the conversation's last saved
state, so nothing that was accepted is lost and nothing is answered twice.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from time import monotonic
from typing import TypeVar

import psycopg
import structlog
from psycopg.rows import DictRow
from structlog.contextvars import bind_contextvars

from api.chat import repository
from api.chat.events import closing_events
from api.chat.repository import Finished, TurnClaim
from api.chat.streams import TurnStream
from core.database import Claims, Database
from core.database.pool import Connection
from core.errors import Unavailable
from core.identifiers import new_id
from core.metrics import FIRST_TOKEN_SECONDS, READING_ERRORS, TURN_SECONDS, TURNS
from core.tracing import in_span

ATTEMPTS = 6
"""Runs of one turn at most; from the fourth on the agent that needs no model answers."""
HEARTBEAT_S = 1.5
SILENT_S = 6
OUTAGE_S = 60.0

T = TypeVar("T")

Conduct = Callable[[TurnClaim, TurnStream], Awaitable[Finished]]
"""Runs the agent for a turn, writing its events, and says what it came to."""

log = structlog.get_logger()


class TurnRunner:
    """The turns of this process."""

    def __init__(self, database: Database, conduct: Conduct) -> None:
        self.id = new_id("runner")
        self.leaving = asyncio.Event()
        """Set when this process begins no more turns."""
        self._database = database
        self._conduct = conduct
        self._streams: dict[str, TurnStream] = {}
        self._beginning: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._began = asyncio.Event()

    @property
    def draining(self) -> bool:
        """Whether this process is about to end."""
        return self.leaving.is_set()

    @property
    def running(self) -> int:
        """How many turns run here now."""
        return len(self._streams)

    def stream(self, turn_id: str) -> TurnStream | None:
        """The live stream of a turn that runs here."""
        return self._streams.get(turn_id)

    @contextmanager
    def beginning(self, turn_id: str) -> Iterator[None]:
        """Around the statement that begins a turn and its `start`: nobody takes the turn over in between."""
        self._beginning.add(turn_id)
        try:
            yield
        finally:
            self._beginning.discard(turn_id)

    def start(self, claim: TurnClaim) -> TurnStream:
        """Run a turn that this process holds."""
        stream = self._streams[claim.id] = TurnStream(claim.seq, claim.attempt)
        work = in_span("turn", self._run(claim, stream), limitless__turn_id=claim.id)
        task = asyncio.create_task(work, name=f"turn {claim.id}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        self._began.set()
        self._began = asyncio.Event()
        return stream

    async def wait_for_start(self, timeout_s: float) -> None:
        """Return when some turn begins here, or after ``timeout_s``."""
        try:
            await asyncio.wait_for(self._began.wait(), timeout_s)
        except TimeoutError:
            return

    async def introduce(self) -> None:
        """Say that this process lives, before it begins a turn: others take what nobody runs."""
        await repository.see_runner(self._database, self.id, socket.gethostname())

    async def look_after(self) -> None:
        """Say so again and again, and take over what dead ones left; runs until it is cancelled."""
        seen_at = monotonic()
        while True:
            try:
                await self.introduce()
                # After a time without the database everybody looks dead; the living speak first.
                if not self.draining and monotonic() - seen_at < SILENT_S:
                    await self._take_over()
                seen_at = monotonic()
            except (Unavailable, psycopg.Error) as fault:
                log.warning("runner_heartbeat_missed", runner_id=self.id, error=str(fault))
            await asyncio.sleep(HEARTBEAT_S)

    async def drain(self, within_s: float) -> None:
        """Begin no more turns, let the running ones end, and leave the rest to others."""
        self.leaving.set()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=within_s)
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def say_goodbye(self) -> None:
        """Let others have at once what this process leaves behind."""
        try:
            await repository.forget_runner(self._database, self.id)
        except Unavailable:
            log.warning("runner_left_without_goodbye", runner_id=self.id)

    async def _take_over(self) -> None:
        held = [*self._streams, *self._beginning]
        for row in await repository.abandoned_turns(self._database, SILENT_S, self.id, held):
            if row["turn_id"] in self._streams or row["turn_id"] in self._beginning:
                continue
            async with self._database.transaction(Claims.for_organization(row["organization_id"])) as conn:
                claim = await repository.take_over(conn, row["turn_id"], row["attempt"], self.id)
                if claim is not None and claim.attempt > ATTEMPTS:
                    claim = await self._give_up(conn, claim)
            if claim is not None:
                log.warning("turn_taken_over", turn_id=claim.id, attempt=claim.attempt)
                self.start(claim)

    async def _give_up(self, connection: Connection, claim: TurnClaim) -> TurnClaim | None:
        """End a turn that failed at every attempt; returns the next one if messages wait behind it."""
        await repository.fail_turn(connection, claim, f"begun {ATTEMPTS} times, and never came to its end")
        log.error("turn_given_up", turn_id=claim.id, thread_id=claim.conversation_id)
        next_id = new_id("turn")
        begun = await repository.begin_waiting_turn(connection, claim.conversation_id, next_id, self.id)
        return _following(claim, next_id, begun)

    async def _run(self, claim: TurnClaim, stream: TurnStream) -> None:
        bind_contextvars(turn_id=claim.id, thread_id=claim.conversation_id, attempt=claim.attempt)
        began = monotonic()
        try:
            # Until the first word nothing was said that a second try would say again.
            done = await _waiting_out(
                lambda: self._conduct(claim, stream), unless=lambda: stream.first_at is not None
            )
            await self._commit(claim, done)
        except asyncio.CancelledError:
            stream.write("error", interrupted())
            raise
        except Exception as fault:  # the edge of a turn: whatever broke, its row and its reader hear of it
            log.exception("turn_failed")
            await self._release(claim, repr(fault))
            stream.write("error", interrupted())
            TURNS.labels("failed").inc()
        else:
            _measure(began, stream, done)
            for kind, data in closing_events(claim.conversation_id, done.outcome):
                stream.write(kind, data)
        finally:
            self._streams.pop(claim.id, None)

    async def _commit(self, claim: TurnClaim, done: Finished) -> None:
        """Write what the turn came to, and start the turn of what waited for its end."""
        next_id, settled = new_id("turn"), done.settled
        with self.beginning(next_id):
            begun = await _waiting_out(
                lambda: repository.commit_turn(self._database, claim, done, next_id, self.id)
            )
            following = _following(claim, next_id, begun)
            if following is not None:
                self.start(replace(following, qualified=settled["qualified"], fields=settled["fields"]))

    async def _release(self, claim: TurnClaim, why: str) -> None:
        """Let another attempt have the turn; one that this run no longer holds is left alone."""
        try:
            async with self._database.transaction(Claims.for_organization(claim.organization_id)) as conn:
                await repository.release_turn(conn, claim, why)
        except (Unavailable, psycopg.Error):
            log.warning("turn_not_released", turn_id=claim.id)


async def _waiting_out(doing: Callable[[], Awaitable[T]], unless: Callable[[], bool] = lambda: False) -> T:
    """Do it, and do it again while the database is away, for a minute at most."""
    deadline = monotonic() + OUTAGE_S
    pause = 0.1
    while True:
        try:
            return await doing()
        except Unavailable:
            if unless() or monotonic() + pause > deadline:
                raise
            await asyncio.sleep(pause)
            pause = min(1.0, pause * 2)


def _measure(began: float, stream: TurnStream, done: Finished) -> None:
    if stream.first_at is not None:
        FIRST_TOKEN_SECONDS.observe(stream.first_at - began)
    TURN_SECONDS.observe(monotonic() - began)
    metadata = done.outcome["metadata"]
    outcome = "degraded" if metadata["degraded"] else "guarded" if metadata["guarded"] else "done"
    TURNS.labels(outcome).inc()
    if metadata["reading_error"]:
        READING_ERRORS.inc()


def _following(claim: TurnClaim, turn_id: str, begun: DictRow | None) -> TurnClaim | None:
    """The claim of the turn that was begun for waiting messages; None when none waited."""
    if begun is None:
        return None
    return replace(
        claim,
        id=turn_id,
        seq=begun["turn_seq"],
        attempt=1,
        messages=tuple(begun["contents"]),
        stage=begun["stage"],
        said_apart=begun["said_apart"],
        checkpoint=None,
    )


def interrupted() -> dict[str, object]:
    """What a reader is told when a stream ends before its turn does."""
    return {
        "type": "error",
        "error": {
            "code": "SERVICE_UNAVAILABLE",
            "message": "The connection to the agent was interrupted; reconnect to read on.",
            "details": {"reconnect": True},
        },
    }
