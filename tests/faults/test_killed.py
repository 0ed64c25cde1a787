"""`kill -9` at random moments of a turn: no accepted message without exactly one whole reply.

Ten turns are killed together, once in each round.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from api.organizations.demo import ensure_demo
from core.database import Claims, Database
from tests.faults.lead import Lead
from tests.faults.processes import ApiProcess
from tests.faults.rounds import ROUNDS
from tests.standins.openai import openai_standin

AT_ONCE = 10
TAKEN_OVER_S = 10.0
TURN_S = 0.7

Pair = tuple[ApiProcess, ApiProcess]


@pytest.fixture
async def pair(conninfo: str, database: Database, tmp_path: Path) -> AsyncIterator[Pair]:
    """A process to kill, and one that lives on."""
    await ensure_demo(database, None, None)
    async with AsyncExitStack() as stack:
        model = await stack.enter_async_context(openai_standin())
        model.orders.ttft_ms, model.orders.tpot_ms = 100, 10
        first, second = (
            ApiProcess(tmp_path / name, conninfo, {"OPENAI_BASE_URL": model.base_url}) for name in "ab"
        )
        await asyncio.gather(first.start(), second.start())
        yield first, second
        await asyncio.gather(first.stop(), second.stop())


async def test_a_message_that_was_accepted_is_answered_once_and_whole(pair: Pair, database: Database) -> None:
    victim, survivor = pair
    chance = random.Random(7)
    for _ in range(ROUNDS):
        leads = [Lead() for _ in range(AT_ONCE)]
        talking = [
            asyncio.create_task(_later(chance.uniform(0, TURN_S), lead.say(victim.url))) for lead in leads
        ]
        await asyncio.sleep(TURN_S)
        await victim.kill()
        killed_at = await _now(database)
        await asyncio.gather(*talking)
        assert any(not lead.ended for lead in leads if lead.accepted), "nobody was hit"
        await asyncio.gather(
            *(lead.read_on(survivor.url, TAKEN_OVER_S + 5) for lead in leads if lead.accepted)
        )
        for lead in leads:
            if not lead.accepted:
                # Whether it was written or not, the same message again is answered once.
                await lead.say(survivor.url)
            await _check(database, lead)
        await _check_take_overs(database, killed_at)
        await victim.start()


async def _later(delay_s: float, doing: Coroutine[Any, Any, None]) -> None:
    await asyncio.sleep(delay_s)
    await doing


async def _now(database: Database) -> datetime:
    rows = await database.fetch(Claims.nobody(), "select clock_timestamp() as now")
    now: datetime = rows[0]["now"]
    return now


async def _demo(database: Database) -> Claims:
    found = await database.fetch(Claims.nobody(), "select organization_id from app.campaign_by_code('DEMO')")
    return Claims.for_organization(found[0]["organization_id"])


async def _check_take_overs(database: Database, killed_at: datetime) -> None:
    rows = await database.fetch(
        await _demo(database),
        "select max(started_at) as last from turns where attempt > 1 and started_at > %s",
        (killed_at,),
    )
    assert rows[0]["last"] is not None, "nothing was taken over"
    assert rows[0]["last"] - killed_at < timedelta(seconds=TAKEN_OVER_S)


async def _check(database: Database, lead: Lead) -> None:
    assert lead.ended, f"{lead.thread_id} was left without an end"
    claims = await _demo(database)
    rows = await database.fetch(
        claims,
        "select role, content from messages where conversation_id = %s order by seq",
        (lead.thread_id,),
    )
    assert [row["role"] for row in rows] == ["ai", "human", "ai"]
    assert rows[-1]["content"] == lead.text
    twins = await database.fetch(
        claims,
        "select count(*) as n from messages where client_message_id = %s",
        (lead.message_id,),
    )
    assert twins[0]["n"] == 1
