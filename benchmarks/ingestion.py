"""What it takes to turn documents into knowledge: pages a second, and the worker's memory.

The floor is the reading alone: the same PDF, its text taken by pypdf in one process, and nothing done with
it. Ours is the whole way: parsed in confinement, cut into chunks, embedded, stored, found.
"""

import argparse
import asyncio
import random
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter

import psutil
import psycopg
import uvloop
from pypdf import PdfReader

from benchmarks.tables import Table, ratio
from core.database import Claims, Database
from core.database.embedded import EmbeddedPostgres
from core.database.migrations import migrate
from core.logging import configure_logging
from core.storage.folder import FolderStorage
from ingestion_worker.documents.parser import Parser
from ingestion_worker.documents.pipeline import DocumentPipeline
from tests.knowledge.build import HERE
from tests.knowledge.library import add_document, local_embedders, make_organization
from tests.knowledge.pdf_writer import PdfWriter

PAGES = 60
MB = 1 << 20


@dataclass(frozen=True, slots=True)
class Site:
    """A database, a folder, and an organization that documents are put into."""

    database: Database
    folder: Path
    organization_id: str


def main(args: argparse.Namespace) -> None:
    """Measure and print."""
    configure_logging("WARNING")
    uvloop.run(_measure(rounds=1 if args.quick else 3))


async def _measure(rounds: int) -> None:
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        postgres = EmbeddedPostgres(folder)
        uri = await asyncio.to_thread(postgres.start)
        conninfo = psycopg.conninfo.make_conninfo(uri, dbname="knowledge")
        try:
            with psycopg.connect(uri, autocommit=True) as connection:
                connection.execute("create database knowledge")
            await asyncio.to_thread(migrate, conninfo)
            database = Database(conninfo, size=8)
            await database.open()
            site = Site(database, folder, await make_organization(database))
            await _measure_pages(site, rounds)
            await _measure_memory(site)
            await database.close()
        finally:
            postgres.stop()


async def _measure_pages(site: Site, rounds: int) -> None:
    parser = Parser()
    bare, parsed, whole, chunks = [], [], [], 0
    for number in range(rounds + 1):
        path = _document(site.folder, seed=number)
        bare.append(PAGES / await _seconds(asyncio.to_thread(_bare, path)))
        parsed.append(PAGES / await _seconds(parser.parse(path, _unwatched)))
        document_id = await add_document(site.database, _storage(site), site.organization_id, path)
        pipeline = _pipeline(site, parser)
        whole.append(PAGES / await _seconds(pipeline.run(site.organization_id, document_id)))
        chunks = await _chunks(site, document_id)
    await parser.aclose()
    # The first round loads libraries and weights.
    floor, ours = median(bare[1:]), median(whole[1:])
    table = Table(f"a PDF of {PAGES} pages, {chunks} chunks", ("pages/s", "× floor"))
    table.row("reading alone, by pypdf (floor)", f"{floor:.0f}", "1.00×")
    table.row("parsed and cut, in confinement", f"{median(parsed[1:]):.0f}", ratio(median(parsed[1:]), floor))
    table.row("the whole way, stored and indexed", f"{ours:.0f}", ratio(ours, floor))
    table.print()


async def _measure_memory(site: Site) -> None:
    table = Table("the worker's memory, MB", ("worker", "parser, idle", "largest reader", "all"))
    for at_once in (1, 4):
        parser = Parser()
        pipeline = _pipeline(site, parser)
        paths = [_document(site.folder, seed=100 * at_once + number) for number in range(at_once)]
        ids = [
            await add_document(site.database, _storage(site), site.organization_id, path) for path in paths
        ]
        async with _memory() as memory:
            await asyncio.gather(*(pipeline.run(site.organization_id, one) for one in ids))
        idle = sum(_unique(child) for child in psutil.Process().children())
        table.row(
            f"{at_once} at once",
            f"{psutil.Process().memory_info().rss / MB:.0f}",
            f"{idle / MB:.0f}",
            f"{memory()[0] / MB:.0f}",
            f"{memory()[1] / MB:.0f}",
        )
        await parser.aclose()
    table.print()
    print("worker: resident. The others count what they share with their parent once (unique set size).\n")


@asynccontextmanager
async def _memory() -> AsyncIterator[Callable[[], tuple[int, int]]]:
    """While open, watch the processes below this one: the largest reader, and all of them together."""
    worker, peak = psutil.Process(), [0, 0]

    async def watch() -> None:
        while True:
            servers = worker.children()
            readers = [child for child in worker.children(recursive=True) if child not in servers]
            sizes = [_unique(reader) for reader in readers]
            everything = worker.memory_info().rss + sum(sizes) + sum(map(_unique, servers))
            peak[0], peak[1] = max([peak[0], *sizes]), max(peak[1], everything)
            await asyncio.sleep(0.05)

    watching = asyncio.create_task(watch())
    yield lambda: (peak[0], peak[1])
    watching.cancel()


def _unique(process: psutil.Process) -> int:
    with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
        return int(process.memory_full_info().uss)
    return 0


def _document(folder: Path, seed: int) -> Path:
    """A PDF of `PAGES` pages: the labelled documents' paragraphs, shuffled, with a heading now and then."""
    source = random.Random(seed)
    texts = [
        line
        for file in sorted((HERE / "sources").glob("*.md"))
        for line in file.read_text().splitlines()
        if len(line) > 80 and not line.startswith(("|", "#"))
    ]
    pages = PdfWriter(footer="Handbook")
    pages.heading(f"Handbook {seed}", 1)
    while pages.count <= PAGES:
        pages.heading(f"Part {source.randrange(10_000)}", 2)
        for text in source.sample(texts, 3):
            pages.paragraph(f"{text} ({source.randrange(10_000)})")
    path = folder / f"handbook_{seed}.pdf"
    path.write_bytes(pages.finished(PAGES))
    return path


def _bare(path: Path) -> int:
    with path.open("rb") as file:
        return sum(len(page.extract_text()) for page in PdfReader(file).pages)


async def _chunks(site: Site, document_id: str) -> int:
    claims = Claims.for_organization(site.organization_id)
    query = "select total_chunks from documents where id = %s"
    [row] = await site.database.fetch(claims, query, (document_id,))
    return int(row["total_chunks"])


async def _unwatched(done: int, total: int) -> None:
    """Nobody looks on."""


def _storage(site: Site) -> FolderStorage:
    return FolderStorage(site.folder / "files")


def _pipeline(site: Site, parser: Parser) -> DocumentPipeline:
    return DocumentPipeline(site.database, _storage(site), local_embedders(), parser)


async def _seconds(call: Awaitable[object]) -> float:
    began = perf_counter()
    await call
    return perf_counter() - began
