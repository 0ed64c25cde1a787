"""`limitless ingest FOLDER`: uploads a folder to a server that runs, and watches it being processed."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import aiohttp
import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn

from core.settings import get_settings

SUFFIXES = frozenset({".pdf", ".docx", ".txt", ".md", ".markdown"})
WATCH_EVERY_S = 0.5
_WHOLE = 100

console = Console(highlight=False)


@dataclass(frozen=True, slots=True)
class Labels:
    """What is said about each file."""

    category: str | None
    tags: Sequence[str]


class Refused(Exception):
    """The server's own words for a no."""


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
    server = url or f"http://127.0.0.1:{get_settings().port}"
    try:
        failed = asyncio.run(_ingest(server, files, Labels(category, tag or ()), api_key, email, password))
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


def _hidden(name: str) -> bool:
    return name.startswith(".")


async def _ingest(
    server: str,
    files: Sequence[Path],
    labels: Labels,
    api_key: str | None,
    email: str | None,
    password: str | None,
) -> list[str]:
    async with aiohttp.ClientSession(server) as session:
        token = api_key or await _login(session, email, password)
        session.headers["X-API-Key" if api_key else "Authorization"] = token if api_key else f"Bearer {token}"
        with _bars() as progress:
            overall = progress.add_task("documents", total=len(files), state="")
            watching = []
            for path in files:
                uploaded = await _upload(session, progress, path, labels)
                if uploaded is not None:
                    watching.append(asyncio.create_task(_watch(session, progress, overall, *uploaded)))
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


async def _login(session: aiohttp.ClientSession, email: str | None, password: str | None) -> str:
    body = {"email": email, "password": password}
    async with session.post("/api/v1/auth/login", json=body) as answer:
        found = await answer.json()
    if answer.status != 200:
        raise Refused(found["error"]["message"])
    return str(found["access_token"])


async def _upload(
    session: aiohttp.ClientSession, progress: Progress, path: Path, labels: Labels
) -> tuple[TaskID, str] | None:
    bar = progress.add_task(path.name, total=_WHOLE, state="uploading")
    while True:
        with path.open("rb") as file:
            async with session.post("/api/documents/upload", data=_form(path.name, file, labels)) as answer:
                body = await answer.json()
        if answer.status in (200, 201):
            return bar, str(body["document"]["id"])
        if answer.status != 429:
            progress.update(bar, state=f"[red]{body['error']['message']}[/red]")
            return None
        await _wait_for_the_limit(progress, bar, int(answer.headers.get("Retry-After", "60")))


async def _wait_for_the_limit(progress: Progress, bar: TaskID, seconds: int) -> None:
    progress.update(bar, state=f"waiting {seconds // 60 + 1} min: RATE_LIMIT_DOCUMENTS_UPLOAD is used up")
    await asyncio.sleep(seconds)


def _form(name: str, file: Any, labels: Labels) -> aiohttp.FormData:
    form = aiohttp.FormData(quote_fields=False)
    for field, value in _described(labels):
        form.add_field(field, value)
    form.add_field("file", file, filename=name, content_type="application/octet-stream")
    return form


def _described(labels: Labels) -> Iterable[tuple[str, str]]:
    if labels.category:
        yield "category", labels.category
    for tag in labels.tags:
        yield "tags", tag


async def _watch(
    session: aiohttp.ClientSession, progress: Progress, overall: TaskID, bar: TaskID, document_id: str
) -> dict[str, Any]:
    while True:
        async with session.get(f"/api/documents/{document_id}") as answer:
            document: dict[str, Any] = await answer.json()
        if answer.status != 200:
            raise Refused(document["error"]["message"])
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
