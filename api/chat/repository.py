"""The rows of conversations, messages and turns, as the chat needs them."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, LiteralString

import orjson
from psycopg import AsyncCursor
from psycopg.rows import DictRow

from agent.checkpoints import TurnCheckpoint
from core.database import Claims, Database
from core.database.pool import Connection
from core.identifiers import new_id
from core.limits import Limit

Save = Callable[[Connection], Awaitable[None]]
"""Writes something in the caller's transaction."""


@dataclass(frozen=True, slots=True)
class TurnClaim:
    """A turn that this process holds and must run."""

    id: str
    organization_id: str
    conversation_id: str
    campaign_id: str
    playbook_id: str
    handle: str
    seq: int
    attempt: int
    messages: tuple[str, ...]
    """What the lead wrote and the turn answers, in order."""
    stage: str
    qualified: bool
    fields: dict[str, Any]
    said_apart: str | None
    """What the agent said outside of a turn, and its memory does not hold yet."""
    checkpoint: TurnCheckpoint | None = None
    """Where it was read already, together with the acceptance."""
    has_documents: bool = True
    """False where it is known that there is nothing to look up."""


@dataclass(frozen=True, slots=True)
class NewMessage:
    """What a lead wrote, and the ids that it and its turn will have."""

    content: str
    client_id: str | None
    id: str
    turn_id: str


@dataclass(frozen=True, slots=True)
class Beginning:
    """A conversation that is to begin, unless ``start_id`` tells that it has."""

    campaign_id: str
    thread_id: str
    handle: str
    start_id: str | None
    chat_id: str | None
    """The client's own id of it."""
    visitor: str | None


@dataclass(frozen=True, slots=True)
class Finished:
    """What a turn came to, ready to be written."""

    reply: str
    outcome: dict[str, Any]
    """What a replay needs: ``before`` and ``after`` the reply, and ``metadata``."""
    settled: dict[str, Any]
    checkpoint: TurnCheckpoint
    also: tuple[Save, ...] = ()
    """What else belongs into the transaction that ends the turn."""


async def campaign_by_code(database: Database, code: str) -> DictRow | None:
    """Organization and id of a campaign; a code never changes hands."""
    rows = await database.fetch(Claims.nobody(), "select * from app.campaign_by_code(%s)", (code,))
    return rows[0] if rows else None


async def campaign(database: Database, claims: Claims, campaign_id: str) -> DictRow | None:
    """The campaign's own row."""
    rows = await database.fetch(claims, "select * from campaigns where id = %s", (campaign_id,))
    return rows[0] if rows else None


_ACCEPT: LiteralString = "select * from app.accept_message(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
_BEGIN: LiteralString = (
    "select * from app.begin_conversation(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
)


async def accept_message(
    database: Database,
    claims: Claims,
    thread_id: str,
    message: NewMessage,
    runner_id: str,
    counted: Sequence[Limit] = (),
) -> DictRow:
    """Count a conversation's next message, write it, and begin a turn unless one runs.

    The row is an ``app.acceptance``: what became of it and, with a turn, what that starts from.
    """
    rows = await database.call(
        claims, _ACCEPT, (*_counted(counted), thread_id, *_written(message), runner_id)
    )
    return rows[0]


async def begin_conversation(
    database: Database,
    claims: Claims,
    beginning: Beginning,
    message: NewMessage,
    runner_id: str,
    counted: Sequence[Limit] = (),
) -> DictRow:
    """As `accept_message`, with the conversation's first one."""
    b = beginning
    new = (b.campaign_id, b.thread_id, b.handle, b.start_id, b.chat_id, b.visitor, new_id("msg"))
    rows = await database.call(claims, _BEGIN, (*_counted(counted), *new, *_written(message), runner_id))
    return rows[0]


def _counted(limits: Sequence[Limit]) -> tuple[list[Any], ...]:
    return (
        [one.key for one in limits],
        [one.allowed for one in limits],
        [one.window_s for one in limits],
    )


def _written(message: NewMessage) -> tuple[str | None, ...]:
    return message.content, message.client_id, message.id, message.turn_id


_COMMIT: LiteralString = (
    "select * from app.commit_turn(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
)
_WRITTEN = (
    *("stage", "qualified", "score", "fields", "objections", "questions_asked", "offer_shown"),
    *("next_prompt", "open_field", "language"),
)


async def commit_turn(
    database: Database, claim: TurnClaim, done: Finished, next_turn_id: str, runner_id: str
) -> DictRow | None:
    """Write the reply, the state, the counters and the checkpoint, and begin the turn of what waits.

    Returns that turn's row. Fails when another run has taken the turn over.
    """
    claims = Claims.for_organization(claim.organization_id)
    kept = done.checkpoint.kept
    parameters = (
        *(claim.id, claim.attempt, claim.conversation_id, new_id("msg"), done.reply),
        orjson.dumps(done.outcome).decode(),
        orjson.dumps({name: done.settled[name] for name in _WRITTEN}).decode(),
        *(claim.said_apart, kept.checkpoint_id, kept.checkpoint, kept.metadata, kept.version, kept.blob),
        *(next_turn_id, runner_id),
    )
    if not done.also:
        rows = await database.call(claims, _COMMIT, parameters)
        return rows[0] if rows else None
    async with database.pipeline(claims) as connection:
        cursor = await connection.execute(_COMMIT, (claims.as_json(), *parameters))
        for save in done.also:
            await save(connection)
    return await cursor.fetchone()


async def begin_waiting_turn(
    connection: Connection, conversation_id: str, turn_id: str, runner_id: str
) -> DictRow | None:
    """Begin one turn for all messages that waited; None when there were none."""
    cursor = await connection.execute(
        "select * from app.begin_waiting_turn(%s, %s, %s)", (conversation_id, turn_id, runner_id)
    )
    return await cursor.fetchone()


async def abandoned_turns(
    database: Database, silent_s: int, runner_id: str, held: list[str]
) -> list[DictRow]:
    """Running turns that nobody runs, as far as ``runner_id``, which runs ``held``, can tell."""
    return await database.fetch(
        Claims.nobody(), "select * from app.abandoned_turns(%s, %s, %s)", (silent_s, runner_id, held)
    )


async def take_over(connection: Connection, turn_id: str, attempt: int, runner_id: str) -> TurnClaim | None:
    """Take an abandoned turn, unless somebody else just did."""
    cursor = await connection.execute(
        "update turns set attempt = attempt + 1, runner_id = %s, started_at = now()"
        " where id = %s and attempt = %s and status = 'running' returning *",
        (runner_id, turn_id, attempt),
    )
    turn = await cursor.fetchone()
    return None if turn is None else await _claim(connection, turn)


async def _claim(connection: Connection, turn: DictRow) -> TurnClaim:
    conversation = await connection.execute(
        "select *, id as thread_id from conversations where id = %s", (turn["conversation_id"],)
    )
    messages = await connection.execute(
        "select content from messages where turn_id = %s and role = 'human' order by seq", (turn["id"],)
    )
    row = await conversation.fetchone()
    assert row is not None  # noqa: S101 - a turn's conversation is held by a foreign key
    contents = tuple(m["content"] for m in await messages.fetchall())
    run = (turn["id"], turn["seq"], turn["attempt"])
    return claim_of(row, row["organization_id"], run, contents)


def claim_of(
    conversation: DictRow,
    organization_id: str,
    turn: tuple[str, int, int],
    messages: tuple[str, ...],
    *,
    checkpoint: TurnCheckpoint | None = None,
    has_documents: bool = True,
) -> TurnClaim:
    """A claim from the conversation's columns and a turn's id, number and attempt."""
    turn_id, seq, attempt = turn
    return TurnClaim(
        id=turn_id,
        organization_id=organization_id,
        conversation_id=conversation["thread_id"],
        campaign_id=conversation["campaign_id"],
        playbook_id=conversation["playbook_id"],
        handle=conversation["handle"],
        seq=seq,
        attempt=attempt,
        messages=messages,
        stage=conversation["stage"],
        qualified=conversation["qualified"],
        fields=conversation["fields"],
        said_apart=conversation["said_apart"],
        checkpoint=checkpoint,
        has_documents=has_documents,
    )


async def release_turn(connection: Connection, claim: TurnClaim, error: str) -> None:
    """Put a turn back after a failed run, for whoever looks for abandoned ones."""
    await connection.execute(
        "update turns set runner_id = '', error = %s where id = %s and attempt = %s and status = 'running'",
        (error[:500], claim.id, claim.attempt),
    )


async def fail_turn(connection: Connection, claim: TurnClaim, error: str) -> None:
    """Give a turn up for good, with its reason."""
    await connection.execute(
        "update turns set status = 'failed', error = %s, finished_at = now()"
        " where id = %s and attempt = %s and status = 'running'",
        (error[:500], claim.id, claim.attempt),
    )


# The log of a turn of long ago is gone; what was said then stands in the transcript.
_OF_MESSAGE = """
select t.*, m.content as said, m.metadata from turns t
left join messages m on m.turn_id = t.id and m.role = 'ai' and t.outcome is null
where t.id = (select turn_id from messages where id = %s)
"""
_SINCE = """
select t.*, m.content as said, m.metadata from turns t
left join messages m on m.turn_id = t.id and m.role = 'ai' and t.outcome is null
where t.conversation_id = %s and t.seq >= %s order by t.seq
"""


async def turn_of_message(database: Database, claims: Claims, message_id: str) -> DictRow | None:
    """The turn that answers a message, once it has one."""
    rows = await database.fetch(claims, _OF_MESSAGE, (message_id,))
    return rows[0] if rows else None


async def turns_since(database: Database, claims: Claims, conversation_id: str, seq: int) -> list[DictRow]:
    """A conversation's turns from ``seq`` on."""
    return await database.fetch(claims, _SINCE, (conversation_id, seq))


async def running_turn(database: Database, claims: Claims, conversation_id: str) -> DictRow | None:
    """The turn that runs now."""
    rows = await database.fetch(
        claims, "select * from turns where conversation_id = %s and status = 'running'", (conversation_id,)
    )
    return rows[0] if rows else None


async def chat_id_of(database: Database, claims: Claims, conversation_id: str) -> str | None:
    """The id that the client of a conversation knows it by."""
    rows = await database.fetch(
        claims, "select client_chat_id from conversations where id = %s", (conversation_id,)
    )
    return rows[0]["client_chat_id"] if rows else None


async def history(
    connection: Connection, conversation_id: str
) -> tuple[AsyncCursor[DictRow], AsyncCursor[DictRow], AsyncCursor[DictRow]]:
    """Cursors over the conversation, its messages and its running turn."""
    return (
        await connection.execute("select * from conversations where id = %s", (conversation_id,)),
        await connection.execute(
            "select * from messages where conversation_id = %s order by seq", (conversation_id,)
        ),
        await connection.execute(
            "select seq, attempt from turns where conversation_id = %s and status = 'running'",
            (conversation_id,),
        ),
    )


async def see_runner(database: Database, runner_id: str, host: str) -> None:
    """Say that this process is alive."""
    await database.fetch(Claims.nobody(), "select app.see_runner(%s, %s)", (runner_id, host))


async def forget_runner(database: Database, runner_id: str) -> None:
    """Say goodbye: turns that this process leaves behind are free at once."""
    await database.fetch(Claims.nobody(), "select app.forget_runner(%s)", (runner_id,))
