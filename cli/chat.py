"""`limitless chat CODE`: a conversation in the terminal, with a server that runs."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Annotated, Any

import aiohttp
import typer
from rich.console import Console
from rich.text import Text

from agent.playbook.prices import amount_text
from cli.lead_line import LeadLine, Lost, Told
from cli.lead_session import LeadSessions
from core.settings import get_settings

SHOWN_AGAIN = 6
"""Messages of a conversation that goes on."""

console = Console(highlight=False, soft_wrap=True)


def chat(
    code: Annotated[str, typer.Argument(help="The campaign's code.")],
    url: Annotated[str | None, typer.Option(help="Where the server runs.")] = None,
    handle: Annotated[str, typer.Option(help="Who you are.")] = "guest",
    new: Annotated[bool, typer.Option("--new", help="Begin a new conversation.")] = False,
) -> None:
    """Talk to the agent as a lead would; an empty line ends it, and the next start goes on."""
    settings = get_settings()
    sessions = LeadSessions(settings.data_dir / "chats.json")
    base = (url or f"http://127.0.0.1:{settings.port}").rstrip("/")
    line = LeadLine(base, code.upper(), handle, sessions, anew=new)
    try:
        with asyncio.Runner() as runner, contextlib.suppress(EOFError, KeyboardInterrupt):
            runner.run(_take_up(line))
            while text := console.input("[bold cyan]you[/]   ").strip():
                runner.run(_show(line.say(text)))
    except (aiohttp.ClientError, TimeoutError, Lost) as fault:
        console.print(f"The server does not answer: {fault or 'it is away'}", style="red")
        raise SystemExit(1) from fault
    console.print()


async def _take_up(line: LeadLine) -> None:
    """Go on where the conversation was, also in the middle of a reply."""
    history = await line.history()
    if history is None and (refusal := await line.refusal()):
        console.print(refusal, style="red")
        raise SystemExit(1)
    for message in history["messages"][-SHOWN_AGAIN:] if history else ():
        _who(message["role"])
        console.print(Text(message["content"], style="dim"))
    if history and history["running"]:
        await _show(line.read_on())
    elif line.unanswered:
        _who("human")
        console.print(Text(line.unanswered))
        await _show(line.say(line.unanswered))


async def _show(told: AsyncIterator[Told]) -> None:
    _who("ai")
    speaking = True
    async for kind, data, _ in told:
        if kind == "message" and data["type"] == "token":
            console.print(Text(data["content"]), end="")
            continue
        if speaking and kind not in ("message", "lost"):
            console.print()
            speaking = False
        _beside(kind, data)


def _beside(kind: str, data: dict[str, Any]) -> None:
    """What is not the reply's own words."""
    if kind == "message":  # the reply was begun anew: what was shown of it is void
        console.print("\n[dim](begun anew)[/]")
        _who("ai")
    elif kind == "lost":
        console.print(" [yellow](reconnecting…)[/] ", end="")
    elif kind == "state":
        fields = ", ".join(f"{name}: {value}" for name, value in data["fields"].items())
        console.print(Text(f"      {data['current_stage']}  {fields}".rstrip(), style="dim"))
    elif kind == "sources":
        for source in data["sources"]:
            console.print(Text(f"      ↳ {_place(source)}", style="blue"))
    elif kind == "checkout":
        console.print(_offer(data))
    elif kind in ("error", "refused"):
        console.print(Text(data.get("message") or data["error"]["message"], style="red"))


def _who(role: str) -> None:
    console.print("[bold magenta]agent[/] " if role == "ai" else "[bold cyan]you[/]   ", end="")


def _place(source: dict[str, Any]) -> str:
    page = f"page {source['page']}" if source["page"] else None
    return ", ".join(part for part in (source["title"], source["heading"], page) if part)


def _offer(card: dict[str, Any]) -> Text:
    line = Text("      ", style="bold green")
    line.append(f"{card['name']}, {amount_text(card['amount'], card['currency'], 'en')}: ")
    return line.append(card["url"], style=f"underline link {card['url']}")
