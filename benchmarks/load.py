"""A load client that costs a server's neighbour little: raw asyncio and an HTTP parser in C."""

import asyncio
import time
from dataclasses import dataclass
from typing import cast

import httptools

from benchmarks.measures import TurnTime
from benchmarks.targets import TURNS_PER_CONVERSATION, Conversation, Target

ANSWER_TIMEOUT_S = 60


@dataclass(frozen=True, slots=True)
class Answer:
    """One whole answer, and when it came."""

    time: TurnTime
    status: int
    headers: dict[bytes, bytes]
    body: bytes


class Connection(asyncio.Protocol):
    """A keep-alive connection that asks one thing at a time."""

    def __init__(self) -> None:
        self.closed = False
        self._answered: asyncio.Future[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, error: Exception | None) -> None:
        self.closed = True
        if self._answered is not None and not self._answered.done():
            self._answered.set_exception(ConnectionError("the server hung up"))

    def close(self) -> None:
        """Hang up."""
        self._transport.close()

    async def ask(self, request: bytes, mark: bytes) -> Answer:
        """Send a request; its first token is timed by the first read that brings ``mark``."""
        self._parser = httptools.HttpResponseParser(self)
        self._headers: dict[bytes, bytes] = {}
        self._body, self._mark, self._first = bytearray(), mark, 0.0
        self._answered = asyncio.get_running_loop().create_future()
        started = time.monotonic()
        self._transport.write(request)
        async with asyncio.timeout(ANSWER_TIMEOUT_S):
            await self._answered
        timed = TurnTime(started, self._first or self._ended, self._ended)
        return Answer(timed, self._parser.get_status_code(), self._headers, bytes(self._body))

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers[name.lower()] = value

    def on_body(self, data: bytes) -> None:
        self._body += data
        if not self._first and self._mark in self._body:
            self._first = time.monotonic()

    def on_message_complete(self) -> None:
        self._ended = time.monotonic()
        if self._answered is not None and not self._answered.done():
            self._answered.set_result(None)


async def connect(port: int) -> Connection:
    """A connection to a server on loopback."""
    _, connection = await asyncio.get_running_loop().create_connection(Connection, "127.0.0.1", port)
    return connection


async def take_turn(connection: Connection, target: Target, conversation: Conversation) -> Answer:
    """One turn; raises RuntimeError for anything but a finished stream with a token in it."""
    answer = await connection.ask(target.request(conversation), target.first_token)
    finished = answer.status == 200 and target.end in answer.body
    if not (finished and target.first_token in answer.body):
        raise RuntimeError(f"{target.name} answered {answer.status}: {answer.body[-500:]!r}")
    target.follow(conversation, answer.headers)
    conversation.turns += 1
    return answer


async def run(
    target: Target, conversations: int, *, seconds: float | None = None, turns_each: int | None = None
) -> tuple[list[TurnTime], float]:
    """Turns taken by so many leads at once, for a time or for a number of turns; and the seconds it took."""
    started = time.monotonic()
    until = started + seconds if seconds is not None else float("inf")
    leads = (_lead(target, until, turns_each) for _ in range(conversations))
    turns = [turn for taken in await asyncio.gather(*leads) for turn in taken]
    return turns, time.monotonic() - started


async def _lead(target: Target, until: float, turns: int | None) -> list[TurnTime]:
    connection = await connect(target.port)
    conversation = Conversation()
    taken: list[TurnTime] = []
    while time.monotonic() < until and (turns is None or len(taken) < turns):
        if conversation.turns >= TURNS_PER_CONVERSATION:
            conversation = Conversation()
        taken.append((await take_turn(connection, target, conversation)).time)
    connection.close()
    return taken
