"""`/api/campaigns/{code}/widget`: what `widget.js` asks from other people's websites."""

from typing import Annotated

from fastapi import APIRouter, Header, Response

from api.campaigns.routes import Code
from api.counting import COUNTED
from api.dependencies import PartsOf, public
from api.embedding import service
from api.embedding.schemas import WidgetSettings
from api.schemas import errors

router = APIRouter(prefix="/api/campaigns", tags=["campaigns"])


@router.get(
    "/{code}/widget",
    summary="How the chat appears on a website",
    operation_id="get_widget",
    responses=errors(400, 403, 404, 429, 503),
    dependencies=[COUNTED],
)
@public
async def get_widget(
    code: Code,
    response: Response,
    parts: PartsOf,
    origin: Annotated[str | None, Header(max_length=300)] = None,
    accept_language: Annotated[str, Header(max_length=300)] = "",
) -> WidgetSettings:
    """For `widget.js`; a browser on a website that the campaign does not allow is refused."""
    campaign = await parts.chat.campaign(code)
    found = await service.settings(parts.database, parts.playbooks, campaign, origin, accept_language)
    response.headers.update({"cache-control": "no-store", "vary": "Origin"})
    if origin is not None:
        response.headers["access-control-allow-origin"] = origin
    return found
