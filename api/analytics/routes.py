"""Analytics, and what of it can be taken away as CSV."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from fastapi.responses import StreamingResponse

from api.analytics import exports
from api.analytics.schemas import CampaignAnalytics, Dashboard
from api.analytics.service import Wish
from api.chat.schemas import CampaignCode
from api.counting import CountedPerOwner, counted_by_principal
from api.dependencies import PartsOf, may
from api.schemas import errors
from core.security.principal import Principal

router = APIRouter(tags=["analytics"])
Reader = Annotated[Principal, Depends(may("read:analytics"))]
ConversationReader = Annotated[Principal, Depends(may("read:conversations"))]
PaymentReader = Annotated[Principal, Depends(may("read:payments"))]
COUNTED_ANALYTICS = counted_by_principal("analytics", "user_id")
COUNTED_EXPORT = counted_by_principal("data_export", "user_id")


def wished(
    start_date: Annotated[
        date | None, Query(description="The first day, in the organization's time zone")
    ] = None,
    end_date: Annotated[date | None, Query(description="The last day, included")] = None,
) -> Wish:
    """The days that are asked for."""
    return Wish(start_date, end_date)


Wished = Annotated[Wish, Depends(wished)]
OneCampaign = Annotated[CampaignCode | None, Query(description="Of this campaign alone")]


@router.get(
    "/api/campaigns/{code}/analytics",
    summary="How a campaign goes",
    operation_id="get_campaign_analytics",
    responses=errors(400, 401, 403, 404, 429, 503),
    dependencies=[CountedPerOwner],
)
async def get_campaign_analytics(
    code: Annotated[CampaignCode, Path(examples=["ABC123"])], principal: Reader, parts: PartsOf, wish: Wished
) -> CampaignAnalytics:
    """Its whole life, or the days that are asked for.

    Clicks, beginnings, qualifications and payments count on their own day; the funnel, the messages and the
    objections are those of the conversations that began on these days, as they stand now.
    """
    return await parts.analytics.campaign(principal.claims, code, wish)


@router.get(
    "/api/analytics/dashboard",
    summary="How it goes",
    operation_id="get_dashboard",
    responses=errors(400, 401, 403, 404, 429, 503),
    dependencies=[COUNTED_ANALYTICS],
)
async def get_dashboard(
    principal: Reader, parts: PartsOf, wish: Wished, campaign_code: OneCampaign = None
) -> Dashboard:
    """Today, and the last 30 days or those that are asked for."""
    return await parts.analytics.dashboard(principal.claims, campaign_code, wish)


@router.get(
    "/api/analytics/conversations.csv",
    summary="All conversations as CSV",
    operation_id="export_conversations",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/csv": {}}}, **errors(400, 401, 403, 404, 429, 503)},
    dependencies=[COUNTED_EXPORT],
)
async def export_conversations(
    principal: ConversationReader, parts: PartsOf, wish: Wished, campaign_code: OneCampaign = None
) -> StreamingResponse:
    """One line for each, the oldest first; no cell of it is a formula."""
    return await exports.stream(parts.database, principal, exports.CONVERSATIONS, wish, campaign_code)


@router.get(
    "/api/analytics/payments.csv",
    summary="All payments as CSV",
    operation_id="export_payments",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/csv": {}}}, **errors(400, 401, 403, 404, 429, 503)},
    dependencies=[COUNTED_EXPORT],
)
async def export_payments(
    principal: PaymentReader, parts: PartsOf, wish: Wished, campaign_code: OneCampaign = None
) -> StreamingResponse:
    """One line for each, the oldest first; no cell of it is a formula."""
    return await exports.stream(parts.database, principal, exports.PAYMENTS, wish, campaign_code)
