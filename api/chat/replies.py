"""The reply on its way out: live from wherever it runs, from its row once it has ended."""

from collections.abc import AsyncIterator

from psycopg.rows import DictRow

from api.chat import repository
from api.chat.acceptance import Accepted
from api.chat.events import told_again
from api.chat.relay import Relay
from api.chat.runner import TurnRunner, interrupted
from api.chat.schemas import History, HistoryMessage, RunningTurn
from api.chat.streams import FINAL, Event, EventId, unread
from api.payments.returning import Returning
from core.database import Claims, Database
from core.security.tokens import LeadSession

POLL_S = 0.25
"""How often a turn that is between two processes is looked at."""

_RESET = Event(0, "reset", {"type": "reset"})

Told = AsyncIterator[tuple[bytes, list[Event]]]
"""Events in portions, each with the prefix of their ids, ``<turn>-<attempt>-``."""


class Replies:
    """What a lead can read."""

    def __init__(self, database: Database, runner: TurnRunner, relay: Relay, returning: Returning) -> None:
        self._database = database
        self._returning = returning
        self._runner = runner
        self._relay = relay

    async def history(self, session: LeadSession, *, watching: bool = False) -> History | None:
        """Everything said in the lead's conversation; None when it is gone.

        Who comes back without having paid is welcomed, who was ``watching`` all along does not come back.
        """
        claims = Claims.for_lead(session.organization_id, session.thread_id)
        async with self._database.pipeline(claims) as connection:
            cursors = await repository.history(connection, session.thread_id)
        conversation, messages, running = [await cursor.fetchall() for cursor in cursors]
        if not conversation:
            return None
        row = conversation[0]
        if not running and not watching and await self._returning.welcome(session, row):
            return await self.history(session)
        return History(
            thread_id=row["id"],
            instagram_handle=f"@{row['handle']}",
            current_stage=row["stage"],
            messages=[
                HistoryMessage(
                    role=m["role"],
                    content=m["content"],
                    timestamp=m["created_at"],
                    message_id=m["client_message_id"],
                    checkout=None if row["stage"] == "converted" else (m["metadata"] or {}).get("checkout"),
                    sources=(m["metadata"] or {}).get("sources", []),
                )
                for m in messages
            ],
            running=RunningTurn(last_event_id=str(EventId(running[0]["seq"], running[0]["attempt"], 0)))
            if running
            else None,
        )

    async def answer(self, accepted: Accepted) -> Told:
        """The events of the turn that answers a message, with the prefix of their ids."""
        if accepted.stream is not None:
            prefix = _prefix(accepted.stream.turn, accepted.stream.attempt)
            async for batch in accepted.stream.follow():
                yield prefix, batch
            return
        claims = Claims.for_lead(accepted.organization_id, accepted.thread_id)
        while (turn := await repository.turn_of_message(self._database, claims, accepted.message_id)) is None:
            if self._runner.draining:
                yield b"0-0-", [Event(0, "error", interrupted())]
                return
            await self._runner.wait_for_start(POLL_S)
        async for told in self._told(claims, turn, 0):
            yield told

    async def resume(self, session: LeadSession, last: EventId | None) -> Told | None:
        """What a reader missed since ``last`` and what follows; None when there is nothing of either."""
        claims = Claims.for_lead(session.organization_id, session.thread_id)
        if last is None:
            running = await repository.running_turn(self._database, claims, session.thread_id)
            turns = [] if running is None else [running]
        else:
            turns = await repository.turns_since(self._database, claims, session.thread_id, last.turn)
        missed = [(turn, _after(turn, last)) for turn in turns]
        if not any(_has_more(turn, after) for turn, after in missed):
            return None
        return self._resumed(claims, missed)

    async def _resumed(self, claims: Claims, missed: list[tuple[DictRow, int | None]]) -> Told:
        for turn, after in missed:
            if after is None:
                # What was read of an earlier run is void; the turn was begun anew.
                yield _prefix(turn["seq"], turn["attempt"]), [_RESET]
            async for told in self._told(claims, turn, after or 0):
                yield told

    async def _told(self, claims: Claims, turn: DictRow, after: int) -> Told:
        """A turn's events behind ``after``: live when it runs here, from its row once it has ended."""
        while turn["status"] == "running":
            attempt = turn["attempt"]
            async for prefix, batch in self._running(turn, after):
                yield prefix, batch
                after = batch[-1].position
                if batch[-1].kind in FINAL:
                    return
            if self._runner.draining:
                yield _prefix(turn["seq"], attempt), [Event(after + 1, "error", interrupted())]
                return
            again = await repository.turns_since(self._database, claims, turn["conversation_id"], turn["seq"])
            if not again:
                return
            turn = again[0]
            if turn["attempt"] != attempt and after:
                after = 0
                yield _prefix(turn["seq"], turn["attempt"]), [_RESET]
        if events := told_again(turn, after):
            yield _prefix(turn["seq"], turn["attempt"]), events

    async def _running(self, turn: DictRow, after: int) -> Told:
        """A running turn's events behind ``after``, from here or from the process that runs it."""
        prefix = _prefix(turn["seq"], turn["attempt"])
        stream = self._runner.stream(turn["id"])
        if stream is not None and stream.attempt == turn["attempt"]:
            async for batch in stream.follow(after):
                yield prefix, batch
        elif turn["runner_id"] in ("", self._runner.id):
            await self._runner.wait_for_start(POLL_S)
        else:
            async for batch in self._relay.follow(turn["id"], turn["runner_id"], self._runner.leaving):
                if fresh := unread(batch, after):
                    after = fresh[-1].position
                    yield prefix, fresh


def _prefix(turn: int, attempt: int) -> bytes:
    return b"%d-%d-" % (turn, attempt)


def _after(turn: DictRow, last: EventId | None) -> int | None:
    """The position read so far; None when what was read belongs to a run that is void."""
    if last is None or turn["seq"] != last.turn:
        return 0
    return last.position if turn["attempt"] == last.attempt else None


def _has_more(turn: DictRow, after: int | None) -> bool:
    return turn["status"] == "running" or after is None or bool(told_again(turn, after))
