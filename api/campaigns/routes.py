"""`/api/campaigns`: chat links, for their owners and for the leads who follow them."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query, Response

from api.campaigns import qr, service
from api.campaigns.schemas import (
    Campaign,
    CampaignChange,
    CampaignCreated,
    CampaignList,
    CampaignValidity,
    NewCampaign,
    Status,
)
from api.chat.schemas import CampaignCode
from api.counting import CountedPerOwner
from api.dependencies import PartsOf, may, public
from api.schemas import Limit, Offset, errors
from core.security.principal import Principal

router = APIRouter(prefix="/api/campaigns", tags=["campaigns"])
Reader = Annotated[Principal, Depends(may("read:campaigns"))]
Writer = Annotated[Principal, Depends(may("write:campaigns"))]
Code = Annotated[CampaignCode, Path(examples=["ABC123"])]


@router.post(
    "/create",
    summary="Create a campaign",
    operation_id="create_campaign",
    status_code=201,
    responses=errors(400, 401, 403, 409, 413, 429, 503),
    dependencies=[CountedPerOwner],
)
async def create_campaign(body: NewCampaign, principal: Writer, parts: PartsOf) -> CampaignCreated:
    """A link and its QR code."""
    created = await service.create(parts.database, principal, body, parts.settings.base_url)
    return CampaignCreated(campaign=created)


@router.get(
    "",
    summary="List campaigns",
    operation_id="list_campaigns",
    responses=errors(400, 401, 403, 429, 503),
    dependencies=[CountedPerOwner],
)
async def list_campaigns(
    principal: Reader,
    parts: PartsOf,
    status: Annotated[Status, Query()] = "all",
    limit: Annotated[Limit, Query()] = 50,
    offset: Annotated[Offset, Query()] = 0,
) -> CampaignList:
    """Newest first."""
    return await service.page(parts.database, principal, status, limit, offset, parts.settings.base_url)


@router.get(
    "/{code}",
    summary="Read a campaign",
    operation_id="get_campaign",
    responses=errors(400, 401, 403, 404, 429, 503),
    dependencies=[CountedPerOwner],
)
async def get_campaign(code: Code, principal: Reader, parts: PartsOf) -> Campaign:
    """One campaign and its counters."""
    return await service.read(parts.database, principal, code, parts.settings.base_url)


@router.patch(
    "/{code}",
    summary="Edit, pause or resume a campaign",
    operation_id="change_campaign",
    responses=errors(400, 401, 403, 404, 409, 413, 429, 503),
    dependencies=[CountedPerOwner],
)
async def change_campaign(code: Code, body: CampaignChange, principal: Writer, parts: PartsOf) -> Campaign:
    """What is left out stays; ``null`` lifts a limit."""
    return await service.change(parts.database, principal, code, body, parts.settings.base_url)


@router.get(
    "/{code}/validate",
    summary="Validate a campaign code",
    operation_id="validate_campaign",
    responses=errors(404, 410, 429, 503),
)
@public
async def validate_campaign(code: Code, parts: PartsOf) -> CampaignValidity:
    """Whether a conversation can begin; an expired, paused or used-up campaign says so as an error."""
    campaign = await parts.chat.campaign(code)
    return CampaignValidity(campaign=await service.validity(parts.database, campaign.organization_id, code))


@router.get(
    "/{code}/qr.{form}",
    summary="The campaign's QR code",
    operation_id="get_campaign_qr",
    response_class=Response,
    responses={200: {"content": {"image/png": {}, "image/svg+xml": {}}}, **errors(400, 404, 503)},
)
@public
async def get_campaign_qr(code: Code, form: Literal["png", "svg"], parts: PartsOf) -> Response:
    """The link as a picture for a camera."""
    await parts.chat.campaign(code)
    picture = qr.picture(service.links(parts.settings.base_url, code)["url"], form)
    return Response(picture, media_type=qr.MEDIA_TYPES[form], headers={"cache-control": "max-age=86400"})
