"""`limitless reembed`: goes over to the embedding model that is set."""

import asyncio

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from cli.installation import database_in_use, faults_in_a_sentence
from core.database import Database
from core.embeddings.base import Embedder
from core.embeddings.choice import open_embedders
from core.knowledge.reembedding import outdated, reembed
from core.knowledge.vector_index import ensure_index
from core.settings import Settings, get_settings

console = Console(highlight=False)


def reembed_command() -> None:
    """Give every document vectors of the model that is set; broken off, it goes on where it was."""
    settings = get_settings()
    with faults_in_a_sentence(), database_in_use(settings) as conninfo:
        asyncio.run(_run(settings, conninfo))


async def _run(settings: Settings, conninfo: str) -> None:
    database = Database(conninfo, size=4)
    await database.open()
    try:
        async with open_embedders(settings) as embedders:
            await _go_over(database, conninfo, embedders.current)
    finally:
        await database.close()


async def _go_over(database: Database, conninfo: str, embedder: Embedder) -> None:
    waiting = await outdated(database, embedder.name)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console) as progress:
        bar = progress.add_task(f"chunks to {embedder.name}", total=sum(one.chunks for one in waiting))
        for document in waiting:
            async for done in reembed(database, embedder, document):
                progress.advance(bar, done)
    dimensions = (await embedder.embed(["dimensions"])).shape[1]
    console.print(f"Making the index for {embedder.name}, where there is none…")
    if not await ensure_index(conninfo, embedder.name, dimensions):
        console.print(f"Vectors of {dimensions} numbers are too long for an index: searches look at each.")
    console.print(f"All documents have vectors of {embedder.name}.")
