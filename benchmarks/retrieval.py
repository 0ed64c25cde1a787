"""How well and how fast questions are answered from documents.

Well: the labelled questions, by vectors alone, by words alone, and by both. Fast: a whole search, as a turn
makes it, at three sizes of the table and ten organizations of uneven size, beside what a bare round trip
and a look at each vector take.
"""

import argparse
import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean, median
from tempfile import TemporaryDirectory
from time import perf_counter

import psycopg
import uvloop

from benchmarks.corpus import Corpus, Tenant
from benchmarks.measures import percentile
from benchmarks.tables import Table
from core.database import Claims, Database
from core.database.embedded import EmbeddedPostgres
from core.database.migrations import migrate
from core.knowledge.questions import in_context
from core.knowledge.search import Hit, KnowledgeSearch, Mode
from core.logging import configure_logging
from ingestion_worker.documents.parser import Parser
from tests.knowledge.library import Question, fill, follow_ups, local_embedders, make_organization, questions

SIZES = (1_000, 10_000, 100_000)
ASKED = 20
"""Questions for each organization and size."""

_LEGEND = """\
largest: the organization with two fifths of all chunks. recall: of the 20 nearest vectors, by a look at
each. each vector: the same search without the index. round trip: a transaction that asks nothing.
"""


@dataclass(slots=True)
class Timings:
    """Milliseconds of searches."""

    all: list[float] = field(default_factory=list)
    largest: list[float] = field(default_factory=list)
    """Those of the organization that has two fifths of the table."""
    recalls: list[float] = field(default_factory=list)
    exact: list[float] = field(default_factory=list)
    round_trip: list[float] = field(default_factory=list)


def main(args: argparse.Namespace) -> None:
    """Measure and print."""
    configure_logging("WARNING")
    uvloop.run(_measure(SIZES[:2] if args.quick else SIZES))


async def _measure(sizes: Sequence[int]) -> None:
    with TemporaryDirectory(prefix="bench-") as folder:
        postgres = EmbeddedPostgres(Path(folder))
        uri = await asyncio.to_thread(postgres.start)
        conninfo = psycopg.conninfo.make_conninfo(uri, dbname="knowledge")
        try:
            with psycopg.connect(uri, autocommit=True) as connection:
                connection.execute("create database knowledge")
            await asyncio.to_thread(migrate, conninfo)
            database = Database(conninfo, size=4)
            await database.open()
            await _measure_labelled(database, Path(folder) / "files")
            await _measure_sizes(database, conninfo, sizes)
            await database.close()
        finally:
            postgres.stop()


async def _measure_labelled(database: Database, folder: Path) -> None:
    organization_id = await make_organization(database)
    parser = Parser()
    await fill(database, folder, organization_id, parser)
    await parser.aclose()
    search, claims = KnowledgeSearch(database, local_embedders()), Claims.for_organization(organization_id)
    asked = questions()
    table = Table(f"{len(asked)} labelled questions, embedded embeddings", ("recall@5", "MRR"))
    modes: tuple[tuple[str, Mode], ...] = (
        ("vectors only", "vectors"),
        ("words only", "words"),
        ("hybrid", "hybrid"),
    )
    for name, mode in modes:
        table.row(
            name, *_figures([_rank(one, await search.search(claims, one.text, mode=mode)) for one in asked])
        )
    table.print()
    await _measure_follow_ups(search, claims)


async def _measure_follow_ups(search: KnowledgeSearch, claims: Claims) -> None:
    asked = follow_ups()
    table = Table(f"{len(asked)} questions that go on from another", ("recall@5", "MRR"))
    alone = [_rank(one, await search.search(claims, one.text)) for _, one in asked]
    table.row("alone", *_figures(alone))
    together = [
        _rank(one, await search.search(claims, in_context(one.text, before))) for before, one in asked
    ]
    table.row("as a turn looks them up", *_figures(together))
    table.print()


def _figures(ranks: Sequence[int | None]) -> tuple[str, str]:
    recall = mean(rank is not None and rank <= 5 for rank in ranks)
    return f"{recall:.3f}", f"{mean(1 / rank if rank else 0 for rank in ranks):.3f}"


def _rank(question: Question, hits: Sequence[Hit]) -> int | None:
    found = (rank for rank, hit in enumerate(hits, 1) if question.is_answered_by(hit.filename, hit.text))
    return next(found, None)


async def _measure_sizes(database: Database, conninfo: str, sizes: Sequence[int]) -> None:
    columns = ("median", "p95", "largest", "p95", "recall", "each vector", "round trip")
    table = Table("a search, ms, ten organizations", columns)
    corpus = Corpus()
    for size in sizes:
        tenants = await asyncio.to_thread(corpus.fill, conninfo, size)
        timings = await _timings(database, tenants)
        table.row(
            f"{size:,} chunks",
            f"{median(timings.all):.1f}",
            f"{percentile(timings.all, 0.95):.1f}",
            f"{median(timings.largest):.1f}",
            f"{percentile(timings.largest, 0.95):.1f}",
            f"{mean(timings.recalls):.3f}",
            f"{median(timings.exact):.1f}",
            f"{median(timings.round_trip):.2f}",
        )
    table.print()
    print(_LEGEND)


async def _timings(database: Database, tenants: Sequence[Tenant]) -> Timings:
    search, timings = KnowledgeSearch(database, local_embedders()), Timings()
    for tenant in tenants:
        claims = Claims.for_organization(tenant.organization_id)
        asked = [tenant.questions[n % len(tenant.questions)] for n in range(ASKED)]
        await search.search(claims, asked[0])
        for question in asked:
            spent = await _ms(search.search(claims, question))
            timings.all.append(spent)
            if tenant is tenants[0]:
                timings.largest.append(spent)
            timings.exact.append(await _ms(search.search(claims, question, exact=True)))
            timings.round_trip.append(await _ms(database.fetch(claims, "select 1 as one")))
            timings.recalls.append(await _recall(search, claims, question))
    return timings


async def _recall(search: KnowledgeSearch, claims: Claims, question: str) -> float:
    found = await search.search(claims, question, mode="vectors")
    exact = {hit.chunk_id for hit in await search.search(claims, question, mode="vectors", exact=True)}
    return len(exact & {hit.chunk_id for hit in found}) / len(exact)


async def _ms(call: Awaitable[object]) -> float:
    began = perf_counter()
    await call
    return (perf_counter() - began) * 1000
