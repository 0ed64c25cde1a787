"""What age costs: a turn of a conversation of 500 messages beside one of 5, and in an organization of a
million conversations beside a new one. With a model that does not wait; what is compared alternates.
"""

import argparse
import asyncio
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import psycopg
import uvloop
from psycopg import sql

from benchmarks import load
from benchmarks.analytics import fill, make_owner
from benchmarks.measures import TurnTime
from benchmarks.servers import limitless_server, pin_to_last_core, standin_server
from benchmarks.tables import Table, ratio
from benchmarks.targets import Conversation, Limitless, Target
from core.database.embedded import EmbeddedPostgres
from core.database.migrations import migrate

CONVERSATIONS = 1_000_000
FEW = 20_000
OLD_MESSAGES = 500
YOUNG_TURNS = 2
"""With its opening, and the message that is answered, such a conversation has five or six messages."""
BLOCK = 20
ROUNDS = 8


class Bench:
    """What turns took, by the kind of conversation."""

    def __init__(self) -> None:
        self._taken: dict[str, list[TurnTime]] = {}

    async def young(self, kind: str, target: Target) -> None:
        """A block of turns, each the third of its conversation."""
        conversations = [Conversation() for _ in range(BLOCK)]
        for conversation in conversations:
            await _turns(target, [conversation] * YOUNG_TURNS)
        self._taken.setdefault(kind, []).extend(await _turns(target, conversations))

    async def old(self, kind: str, target: Target, conversation: Conversation) -> None:
        """A block of turns of one conversation."""
        self._taken.setdefault(kind, []).extend(await _turns(target, [conversation] * BLOCK))

    def report(self, title: str, young: str, old: str) -> None:
        """A row for each, and how many times as long the second one takes."""
        table = Table(title, ("first token", "turn"))
        figures = {kind: self._figures(kind) for kind in (young, old)}
        for kind, values in figures.items():
            table.row(kind, *(f"{value:.2f}" for value in values))
        pairs = zip(figures[old], figures[young], strict=True)
        table.row(f"  {old} / {young}", *(ratio(of_old, of_young) for of_old, of_young in pairs))
        table.print()

    def _figures(self, kind: str) -> tuple[float, float]:
        taken = self._taken[kind]
        return (
            median((turn.first - turn.started) * 1000 for turn in taken),
            median((turn.ended - turn.started) * 1000 for turn in taken),
        )


async def _turns(target: Target, conversations: Iterable[Conversation]) -> list[TurnTime]:
    connection = await load.connect(target.port)
    taken = [(await load.take_turn(connection, target, one)).time for one in conversations]
    connection.close()
    return taken


def main(args: argparse.Namespace) -> None:
    """Measure and print."""
    uvloop.run(_measure(FEW if args.quick else CONVERSATIONS, 2 if args.quick else ROUNDS))


async def _measure(conversations: int, rounds: int) -> None:
    pin_to_last_core()
    with TemporaryDirectory(prefix="bench-") as folder, ExitStack() as stack:
        postgres = EmbeddedPostgres(Path(folder))
        uri = await asyncio.to_thread(postgres.start)
        stack.callback(postgres.stop)
        standin = standin_server()
        stack.callback(standin.stop)
        await standin.ready()
        new, many = [await _database(uri, name) for name in ("new", "many")]
        await asyncio.to_thread(fill, *many, conversations)
        targets = []
        for conninfo, organization_id, _ in (new, many):
            url = f"http://127.0.0.1:{standin.port}/v1"
            server = limitless_server(
                Path(folder) / organization_id, {"DATABASE_URL": conninfo, "OPENAI_BASE_URL": url}
            )
            stack.callback(server.stop)
            await server.ready()
            targets.append(Limitless("Limitless", server.port))
        await _conversations(targets[0], rounds)
        await _organizations(targets[0], targets[1], f"{conversations:,}", rounds)


async def _database(uri: str, name: str) -> tuple[str, str, str]:
    """A database with one organization: how to reach it, the organization's id and its playbook's."""
    with psycopg.connect(uri, autocommit=True) as connection:
        connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
    conninfo = psycopg.conninfo.make_conninfo(uri, dbname=name)
    await asyncio.to_thread(migrate, conninfo)
    return (conninfo, *await make_owner(conninfo))


async def _conversations(target: Target, rounds: int) -> None:
    bench, conversation, old = Bench(), Conversation(), f"{OLD_MESSAGES} messages"
    await _turns(target, [conversation] * (OLD_MESSAGES // 2))
    for _ in range(rounds):
        await bench.young("5 messages", target)
        await bench.old(old, target, conversation)
    bench.report("a turn by the messages of its conversation, ms", "5 messages", old)


async def _organizations(new: Target, many: Target, size: str, rounds: int) -> None:
    bench = Bench()
    for target in (new, many):
        # Plans and caches are those of a server that has been at it for a while.
        await Bench().young("warm", target)
    for _ in range(rounds):
        await bench.young("none", new)
        await bench.young(size, many)
    bench.report("a turn by the conversations of its organization, ms", "none", size)
