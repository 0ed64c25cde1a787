"""Whether and how a website shows a campaign's chat."""

from api.campaigns import repository
from api.campaigns.standing import standing
from api.chat.acceptance import Campaign
from api.embedding.origins import allows
from api.embedding.schemas import WidgetSettings
from api.playbooks.service import Playbooks
from core.database import Claims, Database
from core.errors import CampaignNotFound, Forbidden
from web.strings import LANGUAGES, choose_language


async def settings(
    database: Database, playbooks: Playbooks, campaign: Campaign, origin: str | None, accepted_languages: str
) -> WidgetSettings:
    """The widget on a page of ``origin`` (None: one of our own).

    Raises `core.errors.CampaignNotFound`, and `core.errors.Forbidden` when the owner does not allow it there.
    """
    details = {"campaign_code": campaign.code}
    async with database.transaction(Claims.for_organization(campaign.organization_id)) as connection:
        row = await repository.by_code(connection, campaign.code)
        version = await playbooks.current(connection, campaign.id)
    if row is None:
        raise CampaignNotFound(f"Campaign code {campaign.code} does not exist", details=details)
    if origin is not None and not allows(row["allowed_origins"], origin):
        raise Forbidden(
            f"The campaign {campaign.code} does not allow the website {origin} to show its chat.",
            details=details,
            headers={"Access-Control-Allow-Origin": origin},  # so that the page can say so
        )
    name, language = version.playbook.agent.name, choose_language(accepted_languages)
    return WidgetSettings(
        agent_name=name,
        open=standing(row) == "open",
        language=language,
        title=LANGUAGES[language].title.replace("{agent}", name),
        close=LANGUAGES[language].close,
    )
