"""The command."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from api.analytics.schemas import CampaignAnalytics
from api.analytics.service import Analytics, Wish
from api.chat.repository import campaign_by_code
from api.playbooks.service import Playbooks
from cli.installation import database_in_use, faults_in_a_sentence
from cli.report.page import page_of
from cli.report.terminal import draw
from core.clock import utc_now
from core.database import Claims, Database
from core.errors import CampaignNotFound
from core.settings import get_settings


def report(
    campaign: Annotated[str, typer.Option(help="The campaign's code, as in its link.")],
    days: Annotated[
        int | None, typer.Option(min=1, max=1000, help="So many days until today; without it, all of them.")
    ] = None,
    html: Annotated[
        Path | None, typer.Option(help="Write one page with charts into this file instead.")
    ] = None,
) -> None:
    """Draw how far a campaign's leads come, day by day, and what it earned."""
    with faults_in_a_sentence(), database_in_use(get_settings()) as conninfo:
        figures = asyncio.run(_figures(conninfo, campaign.upper(), days))
    if html is None:
        draw(figures)
    else:
        html.write_text(page_of(figures, utc_now()), encoding="utf-8")
        print(f"Written to {html}")


async def _figures(conninfo: str, code: str, days: int | None) -> CampaignAnalytics:
    database = Database(conninfo, size=2)
    await database.open()
    try:
        row = await campaign_by_code(database, code)
        if row is None:
            raise CampaignNotFound(f"There is no campaign {code}.")
        claims = Claims.for_organization(row["organization_id"])
        return await Analytics(database, Playbooks(database)).campaign(claims, code, Wish(days=days))
    finally:
        await database.close()
