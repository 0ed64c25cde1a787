"""One checkpoint a thread, one statement to write it, and nothing in it that can run."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from functools import partial
from pathlib import Path
from typing import Any

import orjson
import ormsgpack
import pytest
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer

from agent.checkpoints import Connection, ForgedCheckpoint, StrictMsgpack, TurnCheckpoint
from agent.context import AgentContext
from agent.responders.base import Reading
from agent.state import HISTORY_LIMIT
from agent.walking import Walker
from core.database import Claims, Database
from core.identifiers import new_id
from tests.agent.conversation import hears
from tests.agent.speakers import Speaker

Begin = Callable[[], TurnCheckpoint]


@pytest.fixture
def begin(database: Database, claims: Claims) -> Begin:
    return partial(TurnCheckpoint, new_id("lead"), partial(database.pipeline, claims))


async def talk(turn: TurnCheckpoint, words: str, speaker: Speaker | None = None) -> None:
    speaker = speaker or Speaker()
    context = AgentContext(responder=speaker, fallback=speaker, perceive=hears(), tell=lambda event: None)
    await Walker()({"messages": [HumanMessage(words)]}, turn, context)


async def remembered(turn: TurnCheckpoint) -> dict[str, Any]:
    return (await turn.load()).values


async def save(database: Database, claims: Claims, turn: TurnCheckpoint) -> None:
    async with database.pipeline(claims) as connection:
        await write(connection, turn)


async def write(connection: Connection, turn: TurnCheckpoint) -> None:
    await connection.execute(
        "select app.save_checkpoint(%s, %s, %s, %s, %s, %s)", (turn.thread_id, *turn.kept)
    )


async def count(database: Database, claims: Claims, thread_id: str) -> dict[str, int]:
    [row] = await database.fetch(
        claims,
        "select (select count(*) from checkpoints c where c.thread_id = thread) as checkpoints,"
        " (select count(*) from checkpoint_blobs b where b.thread_id = thread) as blobs,"
        " (select count(*) from checkpoint_writes w where w.thread_id = thread) as writes"
        " from (select %s::text as thread) as asked",
        (thread_id,),
    )
    return row


async def test_what_was_said_comes_back(begin: Begin, database: Database, claims: Claims) -> None:
    turn = begin()
    reading = Reading(intent="answer", fields=[{"field": "monthly_revenue", "value": 5000}])
    await talk(turn, "about 5k", Speaker(["Good to ", "know."], reading))
    await save(database, claims, turn)

    values = await remembered(begin())
    assert [(m.type, m.content) for m in values["messages"]] == [
        ("human", "about 5k"),
        ("ai", "Good to know."),
    ]
    assert values["fields"] == {"monthly_revenue": 5000.0}
    assert values["stage"] == "qualification"


async def test_an_unsaved_turn_leaves_nothing(begin: Begin, database: Database, claims: Claims) -> None:
    turn = begin()
    await talk(turn, "hello")
    assert await count(database, claims, turn.thread_id) == {"checkpoints": 0, "blobs": 0, "writes": 0}
    with pytest.raises(RuntimeError):
        await save(database, claims, begin())


async def test_it_is_written_with_the_callers_transaction(
    begin: Begin, database: Database, claims: Claims
) -> None:
    turn = begin()
    await talk(turn, "hello")
    async with database.transaction(claims) as connection:
        await write(connection, turn)
        await connection.execute("rollback")
    assert await remembered(begin()) == {}

    await save(database, claims, turn)
    assert len((await remembered(begin()))["messages"]) == 2


async def test_the_read_can_travel_with_others(begin: Begin, database: Database, claims: Claims) -> None:
    first = begin()
    await talk(first, "hello")
    await save(database, claims, first)

    def refuse() -> AbstractAsyncContextManager[Connection]:
        raise AssertionError("asked twice")

    rows = await database.fetch(claims, "select * from app.read_checkpoint(%s)", (first.thread_id,))
    second = TurnCheckpoint(first.thread_id, refuse, rows[0])
    await talk(second, "and again")
    await save(database, claims, second)
    assert len((await remembered(begin()))["messages"]) == 4


async def test_a_long_thread_stays_one_small_row(begin: Begin, database: Database, claims: Claims) -> None:
    reply = Speaker(["A reply of the usual length, about as long as people write in a chat. " * 4])
    for number in range(60):
        turn = begin()
        await talk(turn, f"message {number}: " + "words and more words " * 10, reply)
        await save(database, claims, turn)

    assert await count(database, claims, turn.thread_id) == {"checkpoints": 1, "blobs": 1, "writes": 0}
    values = await remembered(begin())
    assert len(values["messages"]) == HISTORY_LIMIT
    [row] = await database.fetch(
        claims,
        "select octet_length(checkpoint::text) + octet_length(blob) as bytes"
        " from checkpoints join checkpoint_blobs using (thread_id) where thread_id = %s",
        (turn.thread_id,),
    )
    assert row["bytes"] < 20_000


async def test_saving_twice_is_saving_once(begin: Begin, database: Database, claims: Claims) -> None:
    turn = begin()
    await talk(turn, "hello")
    await save(database, claims, turn)
    await save(database, claims, turn)
    assert await count(database, claims, turn.thread_id) == {"checkpoints": 1, "blobs": 1, "writes": 0}


async def test_another_organization_sees_nothing(begin: Begin, database: Database, claims: Claims) -> None:
    turn = begin()
    await talk(turn, "hello")
    await save(database, claims, turn)
    other = partial(database.pipeline, Claims.for_organization("org_other"))
    assert await remembered(TurnCheckpoint(turn.thread_id, other)) == {}


async def test_a_forged_checkpoint_is_refused_and_runs_nothing(
    begin: Begin, database: Database, claims: Claims, tmp_path: Path
) -> None:
    turn = begin()
    await talk(turn, "hello")
    await save(database, claims, turn)
    mark = tmp_path / "ran"
    # What the library's permissive reader would call: os.system("touch …").
    call = ormsgpack.Ext(0, ormsgpack.packb(("os", "system", f"touch {mark}")))
    for kind, forged in (
        ("msgpack", ormsgpack.packb([call])),
        ("msgpack", ormsgpack.packb([ormsgpack.Ext(1, ormsgpack.packb(("tool", "x", None)))])),
        ("msgpack", b"\xc1"),
        ("json", orjson.dumps({"lc": 2, "type": "constructor", "id": ["os", "system"], "args": ["true"]})),
        ("pickle", b"cos\nsystem\n(S'touch " + bytes(mark) + b"'\ntR."),
    ):
        await database.fetch(
            claims,
            "update checkpoint_blobs set type = %s, blob = %s where thread_id = %s returning 1 as done",
            (kind, forged, turn.thread_id),
        )
        with pytest.raises(ForgedCheckpoint):
            await talk(begin(), "hello again")
    assert not mark.exists()
    # The forgery is a real one: a reader that is not strict runs it.
    JsonPlusSerializer(allowed_msgpack_modules=True).loads_typed(("msgpack", ormsgpack.packb([call])))
    assert mark.exists()


async def test_a_field_of_another_version_does_no_harm(
    begin: Begin, database: Database, claims: Claims
) -> None:
    turn = begin()
    await talk(turn, "hello")
    await save(database, claims, turn)
    await database.fetch(
        claims,
        "update checkpoints set checkpoint = jsonb_set(jsonb_set(checkpoint #- '{channel_values,score}',"
        " '{channel_values,mood}', '{\"of\": [\"yesterday\"]}'), '{channel_versions,mood}', '\"00000002\"')"
        " where thread_id = %s returning 1 as done",
        (turn.thread_id,),
    )
    again = begin()
    await talk(again, "hello again")
    await save(database, claims, again)
    values = await remembered(begin())
    assert len(values["messages"]) == 4
    assert "mood" not in values


async def test_only_data_and_messages_go_in() -> None:
    strict = StrictMsgpack()
    kept = strict.loads_typed(strict.dumps_typed([HumanMessage("hi", id="1"), AIMessage("hello")]))
    assert [(m.type, m.content, m.id) for m in kept] == [("human", "hi", "1"), ("ai", "hello", None)]
    for foreign in (object(), ToolMessage("x", tool_call_id="1"), Path("/etc/passwd")):
        with pytest.raises(TypeError):
            strict.dumps_typed([foreign])


async def test_a_tool_call_without_an_answer_in_an_old_checkpoint_does_no_harm(
    begin: Begin, database: Database, claims: Claims
) -> None:
    turn = begin()
    await talk(turn, "hello")
    await save(database, claims, turn)
    call = AIMessage("", tool_calls=[{"name": "pay", "args": {}, "id": "1", "type": "tool_call"}])
    blob = StrictMsgpack().dumps_typed([HumanMessage("hello"), call])[1]
    await database.fetch(
        claims,
        "update checkpoint_blobs set blob = %s where thread_id = %s returning 1 as done",
        (blob, turn.thread_id),
    )
    speaker = Speaker()
    again = begin()
    await talk(again, "and now?", speaker)
    await save(database, claims, again)
    assert [line.content for line in speaker.briefs[-1].messages][-2:] == ["hello", "and now?"]
