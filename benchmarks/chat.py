"""A conversation's turns, ours beside three floors, all in one run.

The server under load has one core; the client, the model and Postgres have the other. Rounds of the
systems alternate, and each figure is the median over its rounds.
"""

import argparse
import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, median
from tempfile import TemporaryDirectory

import orjson
import uvloop

from benchmarks import load
from benchmarks.chat_report import print_report
from benchmarks.chat_systems import (
    GRAPH,
    LEAN_GRAPH,
    OURS,
    RELAY,
    WITH_DATABASE,
    Cost,
    System,
    create_databases,
    running,
    socket_path,
    through_port,
)
from benchmarks.measures import Figures, Round
from benchmarks.postgres_proxy import Counts, counting_proxy
from benchmarks.servers import Server, others_share, pin_to_last_core
from benchmarks.targets import Conversation, post, said
from core.database.embedded import EmbeddedPostgres
from tests.standins.openai_frames import default_reply

TOKENS = 40
SLOW = {"ttft_ms": 300, "tpot_ms": 20}
INSTANT = {"ttft_ms": 0, "tpot_ms": 0}
CallTimes = tuple[str, float, float, float]
"""A call's kind, and when it began, was first answered, and ended."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured."""

    rounds: int = 3
    levels: tuple[int, ...] = (1, 8, 32)
    window_s: float = 2.0
    slow_rounds: int = 3
    slow_conversations: int = 100
    slow_turns: int = 3
    counted_turns: int = 20
    idle_s: float = 2.0


GLANCE = Plan(
    rounds=1, levels=(1, 32), window_s=1.0, slow_rounds=1, slow_turns=1, counted_turns=10, idle_s=1.0
)


def main(args: argparse.Namespace) -> None:
    """Measure and print."""
    uvloop.run(_measure(GLANCE if args.quick else Plan()))


async def _measure(plan: Plan) -> None:
    busy = await asyncio.to_thread(others_share)
    pinned = pin_to_last_core()
    with TemporaryDirectory(prefix="bench-") as folder:
        postgres = EmbeddedPostgres(Path(folder))
        uri = await asyncio.to_thread(postgres.start)
        try:
            databases = await create_databases(uri)
            async with running((OURS, RELAY, GRAPH, LEAN_GRAPH), Path(folder), databases) as (model, systems):
                for system in systems:
                    await _warm_up(system)
                await _slow(plan, model, systems)
                await _instant(plan, model, systems)
                for system in systems:
                    await _count_model_calls(plan, model, system)
            await _count_round_trips(plan, Path(folder), uri, databases, systems)
        finally:
            await asyncio.to_thread(postgres.stop)
    busy = max(busy, await asyncio.to_thread(others_share))
    print_report(model, systems, plan.slow_conversations, pinned=pinned, busy=busy)


async def _warm_up(system: System) -> None:
    connection = await load.connect(system.target.port)
    try:
        answer = await load.take_turn(connection, system.target, Conversation())
    except RuntimeError as fault:
        raise RuntimeError(f"{fault}\n{system.server.log_end()}") from fault
    connection.close()
    expected = "".join(default_reply(TOKENS)).strip()
    assert said(answer.body).strip() == expected, f"{system.name} said {said(answer.body)!r}"
    await load.run(system.target, 8, turns_each=5)


async def _slow(plan: Plan, model: System, systems: list[System]) -> None:
    await _control(model.server, "orders", SLOW)
    for system in systems:
        # All connections are made here, and the memory taken that later rounds use again.
        async with _memory_growth(system.server) as grown:
            await load.run(system.target, plan.slow_conversations, turns_each=1)
        system.cost.memory_mb_per_stream = max(grown) / plan.slow_conversations
    for _ in range(plan.slow_rounds):
        for system in [model, *systems]:
            measured = await _round(system, plan.slow_conversations, turns_each=plan.slow_turns)
            system.slow.rounds.append(measured)
    await _control(model.server, "orders", INSTANT)


async def _instant(plan: Plan, model: System, systems: list[System]) -> None:
    for level in plan.levels:
        for _ in range(plan.rounds):
            for system in [model, *systems]:
                measured = await _round(system, level, seconds=plan.window_s)
                system.levels.setdefault(level, Figures()).rounds.append(measured)


async def _round(
    system: System, conversations: int, *, seconds: float | None = None, turns_each: int | None = None
) -> Round:
    before = system.server.cpu_s()
    turns, elapsed = await load.run(system.target, conversations, seconds=seconds, turns_each=turns_each)
    return Round(turns, elapsed, system.server.cpu_s() - before)


@asynccontextmanager
async def _memory_growth(server: Server) -> AsyncIterator[list[float]]:
    """Megabytes above what the server had at first, sampled meanwhile."""
    before = server.memory_mb()
    grown = [0.0]

    async def sample() -> None:
        while True:
            await asyncio.sleep(0.1)
            grown.append(server.memory_mb() - before)

    sampling = asyncio.create_task(sample())
    try:
        yield grown
    finally:
        sampling.cancel()


async def _count_model_calls(plan: Plan, model: System, system: System) -> None:
    """A call counts as before the first token when it began before the model sent that token."""
    await _control(model.server, "calls", {})
    turns, _ = await load.run(system.target, 1, turns_each=plan.counted_turns)
    calls = await _control(model.server, "calls", {})
    before = []
    for turn in turns:
        mine = [call for call in calls if turn.started <= call[1] <= turn.ended]
        first = next(sent for kind, _, sent, _ in mine if kind == "stream")
        before.append(sum(at <= first for _, at, _, _ in mine))
    system.cost.model_calls = len(calls) / len(turns)
    system.cost.model_calls_before_first_token = mean(before)


async def _count_round_trips(
    plan: Plan, folder: Path, uri: str, databases: dict[str, str], systems: list[System]
) -> None:
    measured = {system.name: system for system in systems}
    for name in WITH_DATABASE:
        async with counting_proxy(socket_path(uri)) as (port, counts):
            behind = {name: through_port(databases[name], port)}
            async with running((name,), folder, behind) as (_, (system,)):
                await load.run(system.target, 1, turns_each=plan.counted_turns)
                idle_per_s = await _idle_flights(counts, plan.idle_s)
                await _count(plan, system, measured[name].cost, counts, idle_per_s)


async def _idle_flights(counts: Counts, seconds: float) -> float:
    counts.clear()
    await asyncio.sleep(seconds)
    return len(counts.flights) / seconds


async def _count(plan: Plan, system: System, cost: Cost, counts: Counts, idle_per_s: float) -> None:
    counts.clear()
    turns, elapsed = await load.run(system.target, 1, turns_each=plan.counted_turns)
    cost.round_trips = (len(counts.flights) - idle_per_s * elapsed) / len(turns)
    cost.round_trips_before_first_token = median(counts.between(t.started, t.first) for t in turns)
    cost.statements = {text: times / len(turns) for text, times in counts.statements.most_common()}


async def _control(standin: Server, what: str, body: dict[str, int]) -> list[CallTimes]:
    connection = await load.connect(standin.port)
    answer = await connection.ask(post(f"/control/{what}", body), b"")
    connection.close()
    told: list[CallTimes] = orjson.loads(answer.body)
    return told
