"""`limitless demo`: believable campaigns and conversations, to see the product with something in it."""

import asyncio
from itertools import cycle, islice
from pathlib import Path
from typing import Annotated

import orjson
import typer
from rich.progress import Progress

from api.campaigns import repository as campaigns
from api.chat.acceptance import Sender
from api.chat.repository import campaign_by_code
from api.chat.schemas import ChatRequest
from api.organizations.demo import DEMO_CODE, ensure_demo
from api.parts import Parts, open_parts
from cli.demo_life import Life, count_anew
from cli.installation import database_of, faults_in_a_sentence
from core.database import Claims
from core.errors import Unavailable
from core.identifiers import new_id
from core.logging import configure_logging
from core.settings import Settings, get_settings

CAMPAIGNS = {
    "SPRING": "Instagram ads, spring",
    "BIO": "Link in bio",
    "PODCAST": "Podcast sponsorship",
}
_LEADS = Path(__file__).with_name("demo_leads.json")


def demo(
    conversations: Annotated[int, typer.Option(min=1, max=2000, help="How many conversations.")] = 30,
) -> None:
    """Let leads of many kinds click, talk and pay, in three campaigns and the two weeks before today."""
    settings = get_settings()
    configure_logging("WARNING", settings.log_format)
    unlimited = settings.model_copy(
        update={
            "rate_limit_chat": "",
            "rate_limit_chat_address": "",
            "rate_limit_chat_campaign": "",
        }
    )
    with faults_in_a_sentence(), database_of(settings) as conninfo:
        organization_id = asyncio.run(_fill(unlimited, conninfo, conversations))
        count_anew(conninfo, organization_id)


async def _fill(settings: Settings, conninfo: str, wanted: int) -> str:
    leads = orjson.loads(_LEADS.read_bytes())
    async with open_parts(settings, conninfo) as parts:
        password = settings.owner_password.get_secret_value() if settings.owner_password else None
        access = await ensure_demo(parts.database, settings.owner_email, password)
        if access is not None and access.made_up:
            print(f"The demo's owner: {access.email}  {access.password}")
        organization_id = await _ensure_campaigns(parts)
        life = Life(parts)
        with Progress() as progress:
            task = progress.add_task("conversations", total=wanted)
            for number, (lead, code) in enumerate(islice(zip(cycle(leads), cycle(CAMPAIGNS)), wanted)):
                handle = f"{lead['handle']}{number // len(leads) or ''}"
                await _converse(parts, life, code, handle, lead["says"])
                progress.advance(task)
    print(f"{wanted} conversations in {', '.join(CAMPAIGNS)}; `limitless serve` shows them.")
    return organization_id


async def _ensure_campaigns(parts: Parts) -> str:
    demo_campaign = await campaign_by_code(parts.database, DEMO_CODE)
    assert demo_campaign is not None  # noqa: S101 - made just before
    organization_id: str = demo_campaign["organization_id"]
    for code, name in CAMPAIGNS.items():
        if await campaign_by_code(parts.database, code) is not None:
            continue
        async with parts.database.transaction(Claims.for_organization(organization_id)) as connection:
            await campaigns.insert(
                connection,
                {
                    "id": new_id("camp"),
                    "organization_id": organization_id,
                    "code": code,
                    "name": name,
                    "description": "",
                    "max_uses": None,
                    "expires_at": None,
                    "ad_campaign_id": None,
                },
            )
    return organization_id


async def _converse(parts: Parts, life: Life, code: str, handle: str, says: list[str]) -> None:
    campaign = await parts.chat.campaign(code)
    visitor = await life.click(campaign)
    token: str | None = None
    thread_id, card = "", None
    for text in says:
        request = ChatRequest(
            campaign_code=code, instagram_handle=handle, message=text, message_id=new_id("m")
        )
        accepted = await parts.chat.accept(request, token, Sender("demo", visitor))
        token, thread_id = accepted.lead_token or token, accepted.thread_id
        async for _, events in parts.replies.answer(accepted):
            if events[-1].kind == "error":
                raise Unavailable(f"The agent failed in {accepted.thread_id}: see the log above.")
            card = next((event.data for event in events if event.kind == "checkout"), card)
    await life.end(campaign, visitor, thread_id, card)
