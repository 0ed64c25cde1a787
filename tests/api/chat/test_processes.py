"""Two processes on one database behave as one."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import aiohttp
import pytest
from psycopg import AsyncConnection

from api.chat import repository
from api.chat.repository import NewMessage
from api.chat.runner import ATTEMPTS, HEARTBEAT_S, SILENT_S
from core.database import Claims, Database
from tests.api.chat.talking import parse, say, text_of
from tests.api.conftest import Api, ServeApi, unlimited
from tests.api.organization import Organization
from tests.standins.openai import OpenAIStandin, openai_standin

Pair = tuple[Api, Api, OpenAIStandin]


@pytest.fixture
async def pair(serve_api: ServeApi, api: Api) -> AsyncIterator[Pair]:
    """Two applications with one model; they share the secret key of the session's application."""
    async with AsyncExitStack() as stack:
        model = await stack.enter_async_context(openai_standin())
        settings = unlimited(Path(api.parts.settings.data_dir)).model_copy(
            update={"openai_base_url": model.base_url}
        )
        first = await stack.enter_async_context(serve_api(settings))
        second = await stack.enter_async_context(serve_api(settings))
        yield first, second, model


def _browser(api: Api) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(api.url, cookie_jar=aiohttp.DummyCookieJar())


async def test_a_turn_is_followed_live_through_the_other_process(
    pair: Pair, organization: Organization
) -> None:
    first, second, model = pair
    model.orders.hold_after = 5
    body = {"campaign_code": organization.code, "instagram_handle": "tester", "message": "Hi"}
    async with (
        _browser(first) as here,
        _browser(second) as there,
        here.post("/api/chat/stream", json=body) as answer,
    ):
        begun = await answer.content.readuntil(b"\n\n")
        headers = {"X-Lead-Token": answer.headers["X-Lead-Token"], "Last-Event-ID": "1-1-2"}
        params = {"thread_id": answer.headers["X-Thread-Id"]}
        async with there.get("/api/chat/stream", params=params, headers=headers) as follower:
            live = await follower.content.readuntil(b"\n\n")
            assert (first.parts.runner.running, second.parts.runner.running) == (1, 0)
            model.release()
            whole = parse(begun + await answer.read())
            rest = parse(live + await follower.read())
    assert text_of(rest) == text_of(whole)[2:]
    assert rest[-1].id == whole[-1].id
    assert rest[-1].kind == "done"


async def test_a_message_through_the_other_process_waits_its_turn(
    pair: Pair, organization: Organization, database: Database
) -> None:
    first, second, model = pair
    model.orders.hold_after = 3
    body = {"campaign_code": organization.code, "instagram_handle": "tester", "message": "One"}
    async with _browser(first) as here, _browser(second) as there:
        async with here.post("/api/chat/stream", json=body) as answer:
            token = answer.headers["X-Lead-Token"]
            await answer.content.readuntil(b"\n\n")
            waiting = asyncio.create_task(say(there, organization.code, "Two", lead_token=token))
            while not await _waiting(database, organization):
                await asyncio.sleep(0.02)
            model.release()
            await answer.read()
        told = await waiting
    assert told[-1].kind == "done"
    assert told[-1].id.startswith("2-1-")
    rows = await database.fetch(
        Claims.for_organization(organization.id), "select role, content from messages order by seq"
    )
    assert [row["role"] for row in rows] == ["ai", "human", "human", "ai", "ai"]


async def test_a_turn_whose_process_died_is_run_again_by_the_other(
    pair: Pair, organization: Organization, database: Database
) -> None:
    first, second, _ = pair
    async with _browser(first) as here:
        began = await say(here, organization.code, "Hi")
    thread_id = began[-1].data["thread_id"]
    claims = Claims.for_organization(organization.id)
    # A turn that a process accepted, and died before it ran.
    message = NewMessage("Still there?", "m2", "msg_orphan", "turn_orphan")
    accepted = await repository.accept_message(database, claims, thread_id, message, "runner_that_died")
    assert accepted["turn_seq"] == 2
    headers = {"X-Lead-Token": began[-1].data["lead_token"], "Last-Event-ID": "2-1-9"}
    async with (
        _browser(second) as there,
        there.get("/api/chat/stream", params={"thread_id": thread_id}, headers=headers) as answer,
    ):
        rest = parse(await answer.read())
    assert rest[0].data == {"type": "reset"}
    assert rest[-1].kind == "done"
    assert rest[-1].id.startswith("2-2-")
    rows = await database.fetch(
        claims, "select role from messages where conversation_id = %s order by seq", (thread_id,)
    )
    assert [row["role"] for row in rows] == ["ai", "human", "ai", "human", "ai"]


async def test_a_turn_that_ended_every_process_is_answered_without_a_model(
    pair: Pair, organization: Organization, database: Database
) -> None:
    first, _, _ = pair
    async with _browser(first) as here:
        began = await say(here, organization.code, "Hi")
        claims = Claims.for_organization(organization.id)
        message = NewMessage("Still there?", "m2", "msg_deadly", "turn_deadly")
        thread_id, token = began[-1].data["thread_id"], began[-1].data["lead_token"]
        assert not began[-1].data["metadata"]["scripted"]
        await repository.accept_message(database, claims, thread_id, message, "runner_that_died")
        await _had_runs(database, claims, 3)
        again = await say(here, organization.code, "Still there?", message_id="m2", lead_token=token)
    assert again[-1].kind == "done"
    assert again[-1].id.startswith("2-4-")
    assert again[-1].data["metadata"]["scripted"]


async def test_a_turn_that_never_ends_is_given_up_and_holds_nobody_up(
    pair: Pair, organization: Organization, database: Database
) -> None:
    first, second, _ = pair
    async with _browser(first) as here, _browser(second) as there:
        began = await say(here, organization.code, "Hi")
        claims = Claims.for_organization(organization.id)
        thread_id, token = began[-1].data["thread_id"], began[-1].data["lead_token"]
        await repository.see_runner(database, "slow", "a host")
        await repository.accept_message(
            database, claims, thread_id, NewMessage("Boom", "m2", "msg_boom", "turn_boom"), "slow"
        )
        await _had_runs(database, claims, ATTEMPTS)
        waiting = asyncio.create_task(say(there, organization.code, "And me?", lead_token=token))
        while not await _waiting(database, organization):
            await asyncio.sleep(0.02)
        await repository.forget_runner(database, "slow")
        told = await waiting
        lost = await say(here, organization.code, "Boom", message_id="m2", lead_token=token)
    assert told[-1].kind == "done"
    assert told[-1].id.startswith("3-1-")
    assert lost[-1].data["error"]["code"] == "INTERNAL_ERROR"


async def test_a_turn_that_its_own_process_never_heard_of_is_run(
    pair: Pair, organization: Organization, database: Database
) -> None:
    first, _, _ = pair
    async with _browser(first) as here:
        began = await say(here, organization.code, "Hi")
        # The acceptance was written, and the connection broke before its answer came.
        claims = Claims.for_organization(organization.id)
        thread_id = began[-1].data["thread_id"]
        message = NewMessage("Still there?", "m2", "msg_unheard", "turn_unheard")
        await repository.accept_message(database, claims, thread_id, message, first.parts.runner.id)
        token = began[-1].data["lead_token"]
        again = await say(here, organization.code, "Still there?", message_id="m2", lead_token=token)
    assert again[-1].kind == "done"
    assert again[-1].id.startswith("2-2-")


async def test_a_turn_that_takes_long_to_begin_is_begun_once(
    pair: Pair, organization: Organization, database: Database
) -> None:
    first, _, _ = pair
    runner, claims = first.parts.runner, Claims.for_organization(organization.id)
    async with _browser(first) as here:
        began = await say(here, organization.code, "Hi")
        thread_id, token = began[-1].data["thread_id"], began[-1].data["lead_token"]
        with runner.beginning("turn_slow"):
            # Written, while the answer that says so is still on its way.
            message = NewMessage("Still there?", "m2", "msg_slow", "turn_slow")
            await repository.accept_message(database, claims, thread_id, message, runner.id)
            aged = "update turns set started_at = now() - interval '3 seconds' where id = 'turn_slow'"
            await database.fetch(claims, f"{aged} returning id")
            await asyncio.sleep(2 * HEARTBEAT_S)
            rows = await database.fetch(claims, "select attempt, status from turns where id = 'turn_slow'")
            assert rows == [{"attempt": 1, "status": "running"}]
        again = await say(here, organization.code, "Still there?", message_id="m2", lead_token=token)
    assert again[-1].id.startswith("2-2-")


async def test_a_process_that_was_held_up_keeps_what_it_has_just_begun(
    http: aiohttp.ClientSession, organization: Organization, conninfo: str
) -> None:
    began = await say(http, organization.code, "Hi")
    values = (organization.id, began[-1].data["thread_id"])
    # Nobody else sees it: in the end it never was.
    async with (
        await AsyncConnection.connect(conninfo) as owner,
        owner.transaction(force_rollback=True),
    ):
        await owner.execute(
            "insert into app.runners (id, host, seen_at)"
            " values ('late', 'a host', now() - interval '1 minute')"
        )
        await owner.execute(
            "insert into turns (id, organization_id, conversation_id, seq, status, runner_id)"
            " values ('turn_young', %s, %s, 2, 'running', 'late')",
            values,
        )
        assert not await _is_abandoned(owner, "turn_young")
        await owner.execute(
            "update turns set started_at = now() - interval '7 seconds' where id = 'turn_young'"
        )
        assert await _is_abandoned(owner, "turn_young")


async def test_a_run_that_lost_its_turn_leaves_no_trace(
    pair: Pair, organization: Organization, database: Database
) -> None:
    first, _, model = pair
    model.orders.hold_after = 3
    body = {"campaign_code": organization.code, "instagram_handle": "tester", "message": "One"}
    claims = Claims.for_organization(organization.id)
    async with _browser(first) as here, here.post("/api/chat/stream", json=body) as answer:
        await answer.content.readuntil(b"\n\n")
        await repository.see_runner(database, "another", "a host")
        await database.fetch(claims, "update turns set attempt = 2, runner_id = 'another' returning id")
        model.release()
        events = parse(await answer.read())
    assert events[-1].kind == "error"
    assert events[-1].data["error"]["details"] == {"reconnect": True}
    rows = await database.fetch(claims, "select role from messages order by seq")
    assert [row["role"] for row in rows] == ["ai", "human"]
    checkpoints = await database.fetch(claims, "select count(*) as n from checkpoints.checkpoints")
    assert checkpoints[0]["n"] == 0
    await _ended(database, claims)


async def _is_abandoned(connection: AsyncConnection, turn_id: str) -> bool:
    cursor = await connection.execute(
        "select exists(select from app.abandoned_turns(%s, 'somebody', '{}') where turn_id = %s)",
        (SILENT_S, turn_id),
    )
    return await cursor.fetchone() == (True,)


async def _ended(database: Database, claims: Claims) -> None:
    """Nothing is left over that an application of another test would take up."""
    await database.fetch(claims, "update turns set status = 'done' where status = 'running' returning id")


async def _had_runs(database: Database, claims: Claims, runs: int) -> None:
    await database.fetch(
        claims, "update turns set attempt = %s where status = 'running' returning id", (runs,)
    )


async def _waiting(database: Database, organization: Organization) -> bool:
    rows = await database.fetch(
        Claims.for_organization(organization.id),
        "select exists(select from messages where role = 'human' and turn_id is null) as found",
    )
    return bool(rows[0]["found"])
