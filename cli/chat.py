"""`limitless chat CODE`: a conversation in the terminal, with a server that runs."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Any

import aiohttp
import orjson
import typer
from rich.console import Console

from core.identifiers import new_id
from core.settings import get_settings

console = Console(highlight=False)


def chat(
    code: Annotated[str, typer.Argument(help="The campaign's code.")],
    url: Annotated[str | None, typer.Option(help="Where the server runs.")] = None,
    handle: Annotated[str, typer.Option(help="Who you are.")] = "guest",
) -> None:
    """Talk to the agent as a lead would; an empty line ends it."""
    try:
        asyncio.run(_talk(url or f"http://127.0.0.1:{get_settings().port}", code.upper(), handle))
    except aiohttp.ClientError as fault:
        console.print(f"The server does not answer: {fault}", style="red")
        raise SystemExit(1) from fault


async def _talk(url: str, code: str, handle: str) -> None:
    token: str | None = None
    async with aiohttp.ClientSession(url, timeout=aiohttp.ClientTimeout(total=None, sock_read=60)) as session:
        if not await _is_open(session, code):
            raise SystemExit(1)
        while text := (await asyncio.to_thread(console.input, "[bold cyan]you[/] ")).strip():
            body = {
                "campaign_code": code,
                "instagram_handle": handle,
                "message": text,
                "message_id": new_id("m"),
                "lead_token": token,
            }
            token = await _say(session, body) or token


async def _is_open(session: aiohttp.ClientSession, code: str) -> bool:
    async with session.get(f"/api/campaigns/{code}/validate") as answer:
        found = await answer.json()
    if answer.status != 200:
        console.print(found["error"]["message"], style="red")
    return answer.status == 200


async def _say(session: aiohttp.ClientSession, body: dict[str, Any]) -> str | None:
    async with session.post("/api/chat/stream", json=body) as answer:
        if answer.status != 200:
            console.print((await answer.json())["error"]["message"], style="red")
            return None
        console.print("[bold magenta]agent[/] ", end="")
        async for kind, data in _events(answer):
            _show(kind, data)
        return answer.headers.get("X-Lead-Token")


def _show(kind: str, data: dict[str, Any]) -> None:
    if kind == "message":
        console.print(data.get("content", "\n"), end="", markup=False, soft_wrap=True)
    elif kind == "state":
        fields = ", ".join(f"{k}: {v}" for k, v in data["fields"].items())
        console.print(f"\n[dim]{data['current_stage']}  {fields}[/dim]", end="")
    elif kind == "error":
        console.print(f"\n{data['error']['message']}", style="red", end="")
    elif kind == "done":
        console.print()


async def _events(answer: aiohttp.ClientResponse) -> AsyncIterator[tuple[str, dict[str, Any]]]:
    kind = "message"
    async for line in answer.content:
        text = line.decode().rstrip("\n")
        if text.startswith("event: "):
            kind = text.removeprefix("event: ")
        elif text.startswith("data: "):
            yield kind, orjson.loads(text.removeprefix("data: "))
