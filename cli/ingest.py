"""`limitless ingest FOLDER`: uploads a folder to a server that runs, and watches it being processed."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import aiohttp
import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn

from cli.documents_client import Labels, Refused, Server
from core.settings import get_settings

SUFFIXES = frozenset({".pdf", ".docx", ".txt", ".md", ".markdown"})
WATCH_EVERY_S = 0.5
WATCHED_AT_ONCE = 4
"""Those that wait are not asked for: a folder of hundreds would use the server's limits up."""
_WHOLE = 100

console = Console(highlight=False)


def ingest(
    folder: Annotated[
        Path, typer.Argument(exists=True, help="A folder of PDF, DOCX, TXT and MD, or one file.")
    ],
    category: Annotated[str | None, typer.Option(help="A category for all of them.")] = None,
    tag: Annotated[list[str] | None, typer.Option(help="A tag for all of them; may be repeated.")] = None,
    url: Annotated[str | None, typer.Option(help="Where the server runs.")] = None,
    api_key: Annotated[
        str | None, typer.Option(envvar="LIMITLESS_API_KEY", help="Instead of a login.")
    ] = None,
    email: Annotated[str | None, typer.Option(envvar="OWNER_EMAIL", help="The owner's address.")] = None,
    password: Annotated[
        str | None, typer.Option(envvar="OWNER_PASSWORD", help="Asked for if not given.")
    ] = None,
) -> None:
    """Upload a folder and watch its documents become knowledge; ends with 1 when one of them fails."""
    files = found_in(folder)
    if not files:
        console.print(f"There is no PDF, DOCX, TXT or MD file in {folder}.", style="red")
        raise SystemExit(1)
    if api_key is None and (email is None or password is None):
        email = email or typer.prompt("E-mail")
        password = password or typer.prompt("Password", hide_input=True)
    address = url or f"http://127.0.0.1:{get_settings().port}"
    try:
        failed = asyncio.run(
            _ingest(address, names_in(folder, files), Labels(category, tag or ()), api_key, email, password)
        )
    except Refused as fault:
        console.print(str(fault), style="red")
        raise SystemExit(1) from fault
    except aiohttp.ClientError as fault:
        console.print(f"The server does not answer: {fault}", style="red")
        raise SystemExit(1) from fault
    raise SystemExit(1 if failed else 0)


def found_in(folder: Path) -> list[Path]:
    """The files that can be read, in order; hidden ones are left out."""
    if folder.is_file():
        return [folder]
    files = [path for path in folder.rglob("*") if path.is_file() and path.suffix.lower() in SUFFIXES]
    return sorted(path for path in files if not any(_hidden(part) for part in path.relative_to(folder).parts))


def names_in(folder: Path, files: Sequence[Path]) -> dict[Path, str]:
    """What each file is called there: a second of the same name would replace the first, so it has its
    folders' names before its own."""
    known = Counter(path.name for path in files)
    return {
        path: path.name if known[path.name] == 1 else " - ".join(path.relative_to(folder).parts)
        for path in files
    }


def _hidden(name: str) -> bool:
    return name.startswith(".")


async def _ingest(
    url: str,
    files: Mapping[Path, str],
    labels: Labels,
    api_key: str | None,
    email: str | None,
    password: str | None,
) -> list[str]:
    timeout = aiohttp.ClientTimeout(total=300)
    async with aiohttp.ClientSession(url, timeout=timeout) as session:
        server = Server(session, api_key, email, password)
        await server.log_in()
        with _bars() as progress:
            overall = progress.add_task("documents", total=len(files), state="")
            at_once = asyncio.Semaphore(WATCHED_AT_ONCE)
            watching = []
            for path, name in files.items():
                uploaded = await _upload(server, progress, path, name, labels)
                if uploaded is not None:
                    watch = _watch(server, progress, overall, *uploaded, at_once)
                    watching.append(asyncio.create_task(watch))
            ended = await asyncio.gather(*watching)
    failed = [f"{one['filename']}: {one['failure']['reason']}" for one in ended if one["failure"]]
    refused = len(files) - len(ended)
    chunks = sum(one["total_chunks"] for one in ended)
    console.print(f"{len(ended) - len(failed)} of {len(files)} documents are ready, {chunks} passages.")
    for line in failed:
        console.print(f"✗ {line}", style="red")
    return failed + [""] * refused


def _bars() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[state]}"))
    return Progress(*columns, console=console)


async def _upload(
    server: Server, progress: Progress, path: Path, name: str, labels: Labels
) -> tuple[TaskID, str] | None:
    bar = progress.add_task(name, total=_WHOLE, state="uploading")
    while True:
        answer = await server.upload(path, name, labels)
        if answer.status in (200, 201):
            return bar, str(answer.body["document"]["id"])
        if answer.status != 429:
            progress.update(bar, state=f"[red]{answer.message}[/red]")
            return None
        await _wait_for_the_limit(progress, bar, answer.retry_after_s)


async def _wait_for_the_limit(progress: Progress, bar: TaskID, seconds: int) -> None:
    progress.update(bar, state=f"waiting {seconds // 60 + 1} min: RATE_LIMIT_DOCUMENTS_UPLOAD is used up")
    await asyncio.sleep(seconds)


async def _watch(
    server: Server,
    progress: Progress,
    overall: TaskID,
    bar: TaskID,
    document_id: str,
    at_once: asyncio.Semaphore,
) -> dict[str, Any]:
    progress.update(bar, state="waiting")
    async with at_once:
        while True:
            answer = await server.read(document_id)
            if answer.status == 429:
                await asyncio.sleep(answer.retry_after_s)
                continue
            if answer.status != 200:
                raise Refused(answer.message)
            document = answer.body
            progress.update(bar, completed=share_done(document), state=_state(document))
            if document["processing_status"] in ("completed", "failed"):
                progress.advance(overall)
                return document
            await asyncio.sleep(WATCH_EVERY_S)


def share_done(document: dict[str, Any]) -> float:
    """How much of a document's way lies behind it, in percent; the first half of it is the reading."""
    if document["processing_status"] in ("completed", "failed"):
        return _WHOLE
    now = document["progress"]
    if now["chunks"]:
        return _WHOLE / 2 * (1 + float(now["chunks_done"]) / float(now["chunks"]))
    return _WHOLE / 2 * float(now["pages_done"]) / float(now["pages"]) if now["pages"] else 0


def _state(document: dict[str, Any]) -> str:
    now = document["progress"]
    if document["processing_status"] == "failed":
        return f"[red]{document['failure']['reason']}[/red]"
    if document["processing_status"] == "completed":
        return f"{document['total_chunks']} passages"
    if now["chunks"]:
        return f"{now['chunks_done']} of {now['chunks']} passages"
    return f"page {now['pages_done']} of {now['pages']}" if now["pages"] else document["processing_status"]
