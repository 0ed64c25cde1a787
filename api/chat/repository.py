"""The rows of conversations, messages and turns, as the chat needs them."""

from dataclasses import dataclass
from typing import Any

from psycopg import AsyncCursor
from psycopg.rows import DictRow
from psycopg.types.json import Jsonb

from agent.checkpoints import TurnCheckpoint
from agent.playbook.schema import Question
from core.database import Claims, Database
from core.database.pool import Connection
from core.identifiers import new_id


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


@dataclass(frozen=True, slots=True)
class Acceptance:
    """Cursors over the conversation and what became of a message; read them after the flight."""

    conversation: AsyncCursor[DictRow]
    accepted: AsyncCursor[DictRow]


@dataclass(frozen=True, slots=True)
class Finished:
    """What a turn came to, ready to be written."""

    reply: str
    outcome: dict[str, Any]
    """What a replay needs: ``before`` and ``after`` the reply, and ``metadata``."""
    settled: dict[str, Any]


async def campaign_by_code(database: Database, code: str) -> DictRow | None:
    """Organization and id of a campaign; a code never changes hands."""
    rows = await database.fetch(Claims.nobody(), "select * from app.campaign_by_code(%s)", (code,))
    return rows[0] if rows else None


async def claim_campaign_use(connection: Connection, campaign_id: str) -> DictRow | None:
    """Count one more conversation, unless the campaign is paused, over or used up."""
    cursor = await connection.execute(
        "update campaigns set uses = uses + 1"
        " where id = %s and is_active and (expires_at is null or expires_at > now())"
        " and (max_uses is null or uses < max_uses) returning id",
        (campaign_id,),
    )
    return await cursor.fetchone()


async def campaign(connection: Connection, campaign_id: str) -> DictRow | None:
    """The campaign's own row."""
    cursor = await connection.execute("select * from campaigns where id = %s", (campaign_id,))
    return await cursor.fetchone()


async def started_with(connection: Connection, campaign_id: str, message_id: str) -> DictRow | None:
    """The conversation that began with this very message."""
    cursor = await connection.execute(
        "select id, handle from conversations where campaign_id = %s and start_message_id = %s",
        (campaign_id, message_id),
    )
    return await cursor.fetchone()


async def insert_conversation(
    connection: Connection,
    *,
    conversation_id: str,
    organization_id: str,
    campaign_id: str,
    playbook_id: str,
    handle: str,
    opening: str,
    first_question: Question,
    start_message_id: str | None,
    client_chat_id: str | None,
    visitor: str | None,
) -> None:
    """A new conversation that has said its opening message, and knows which visit it came from."""
    await connection.execute(
        "insert into conversations (id, organization_id, campaign_id, playbook_id, handle,"
        " questions_asked, next_prompt, open_field, start_message_id, client_chat_id, total_messages, source)"
        " values (%s, %s, %s, %s, %s, 1, %s, %s, %s, %s, 1, coalesce("
        "  (select parameters from visits where campaign_id = %s and visitor = decode(%s, 'hex')"
        "   and created_at > now() - interval '30 days'"
        "   order by parameters <> '{}' desc, created_at desc limit 1), '{}'))",
        (
            conversation_id,
            organization_id,
            campaign_id,
            playbook_id,
            handle,
            first_question.question,
            first_question.field,
            start_message_id,
            client_chat_id,
            campaign_id,
            visitor,
        ),
    )
    await connection.execute(
        "insert into messages (id, organization_id, conversation_id, seq, role, content)"
        " values (%s, %s, %s, 1, 'ai', %s)",
        (new_id("msg"), organization_id, conversation_id, opening),
    )


_ACCEPT = """
with target as (
    select c.id, c.organization_id, c.total_messages, c.total_turns
    from conversations c join campaigns k on k.id = c.campaign_id
    where c.id = %(conversation)s and k.is_active
), known as (
    select id, content, turn_id from messages
    where conversation_id = %(conversation)s and client_message_id = %(client_id)s
), turn as (
    insert into turns (id, organization_id, conversation_id, seq, status, runner_id)
    select %(turn)s, organization_id, id, total_turns + 1, 'running', %(runner)s
    from target
    where not exists (select from known)
        and not exists (select from turns where conversation_id = %(conversation)s and status = 'running')
    returning id, seq
), message as (
    insert into messages
        (id, organization_id, conversation_id, seq, role, content, client_message_id, turn_id)
    select %(message)s, organization_id, id, total_messages + 1, 'human', %(content)s, %(client_id)s,
        (select id from turn)
    from target where not exists (select from known)
    returning id
), counted as (
    update conversations set total_messages = total_messages + 1,
        total_turns = total_turns + (select count(*) from turn), last_message_at = now()
    where id = %(conversation)s and exists (select from message)
)
select (select id from message) as accepted, (select seq from turn) as turn_seq,
    (select id from known) as known_id, (select content from known) as known_content
"""


async def accept_message(
    connection: Connection,
    *,
    conversation_id: str,
    content: str,
    client_message_id: str | None,
    message_id: str,
    turn_id: str,
    runner_id: str,
) -> Acceptance:
    """Write a lead's message, and begin a turn unless one runs.

    The conversation's row is locked first, so that messages and the ends of turns come one after the
    other.
    """
    conversation = await connection.execute(
        "select c.*, k.is_active, k.code from conversations c join campaigns k on k.id = c.campaign_id"
        " where c.id = %s for update of c",
        (conversation_id,),
    )
    accepted = await connection.execute(
        _ACCEPT,
        {
            "conversation": conversation_id,
            "client_id": client_message_id,
            "turn": turn_id,
            "runner": runner_id,
            "message": message_id,
            "content": content,
        },
    )
    return Acceptance(conversation, accepted)


async def finish_turn(connection: Connection, claim: TurnClaim, done: Finished) -> None:
    """Write the reply, the stage and the counters; fails when another run has taken the turn over."""
    settled = done.settled
    await connection.execute(
        "select app.finish_turn(%s, %s, %s, %s)",
        (claim.id, claim.attempt, done.reply, Jsonb(done.outcome)),
    )
    await connection.execute(
        "update conversations set stage = case when converted_at is null then %s else 'converted' end,"
        " qualified = converted_at is not null or %s, qualification_score = %s, fields = %s,"
        " objections = %s, questions_asked = %s, offer_shown = %s, next_prompt = %s, open_field = %s,"
        " language = %s, total_messages = total_messages + 1, last_message_at = now(),"
        " qualified_at = case when converted_at is not null or %s then coalesce(qualified_at, now()) end,"
        " said_apart = nullif(said_apart, %s) where id = %s",
        (
            settled["stage"],
            settled["qualified"],
            settled["score"],
            Jsonb(settled["fields"]),
            Jsonb(settled["objections"]),
            settled["questions_asked"],
            settled["offer_shown"],
            settled["next_prompt"],
            settled["open_field"],
            settled["language"],
            settled["qualified"],
            claim.said_apart,
            claim.conversation_id,
        ),
    )
    await connection.execute(
        "insert into messages (id, organization_id, conversation_id, seq, role, content, turn_id, metadata)"
        " select %s, organization_id, id, total_messages, 'ai', %s, %s, %s from conversations where id = %s",
        (new_id("msg"), done.reply, claim.id, Jsonb(done.outcome["metadata"]), claim.conversation_id),
    )


_NEXT = """
with turn as (
    insert into turns (id, organization_id, conversation_id, seq, status, runner_id)
    select %(turn)s, organization_id, id, total_turns + 1, 'running', %(runner)s
    from conversations
    where id = %(conversation)s and exists (
        select from messages
        where conversation_id = %(conversation)s and role = 'human' and turn_id is null)
    returning id, seq
), taken as (
    update messages set turn_id = turn.id from turn
    where conversation_id = %(conversation)s and role = 'human' and turn_id is null
    returning messages.seq, content
), counted as (
    update conversations set total_turns = total_turns + 1
    where id = %(conversation)s and exists (select from turn)
)
select (select seq from turn) as turn_seq, array(select content from taken order by seq) as contents,
    stage, said_apart
from conversations where id = %(conversation)s
"""


async def begin_waiting_turn(
    connection: Connection, conversation_id: str, turn_id: str, runner_id: str
) -> AsyncCursor[DictRow]:
    """Begin one turn for all messages that waited; the cursor's row says whether there were any."""
    return await connection.execute(
        _NEXT, {"turn": turn_id, "conversation": conversation_id, "runner": runner_id}
    )


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
        "select * from conversations where id = %s", (turn["conversation_id"],)
    )
    messages = await connection.execute(
        "select content from messages where turn_id = %s and role = 'human' order by seq", (turn["id"],)
    )
    row = await conversation.fetchone()
    assert row is not None  # noqa: S101 - a turn's conversation is held by a foreign key
    contents = tuple(m["content"] for m in await messages.fetchall())
    return claim_of(row, turn["id"], turn["seq"], turn["attempt"], contents)


def claim_of(
    conversation: DictRow,
    turn_id: str,
    seq: int,
    attempt: int,
    messages: tuple[str, ...],
    checkpoint: TurnCheckpoint | None = None,
) -> TurnClaim:
    """A claim from the conversation's row."""
    return TurnClaim(
        id=turn_id,
        organization_id=conversation["organization_id"],
        conversation_id=conversation["id"],
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
