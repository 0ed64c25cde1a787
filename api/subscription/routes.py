"""`/api/v1/payments/checkout` and `/api/v1/subscription`: an organization's own plan."""

from typing import Annotated

from fastapi import APIRouter, Depends

from api.dependencies import PartsOf, may
from api.schemas import errors
from api.subscription.schemas import PlanCheckout, SubscriptionStatus, WantedPlan
from core.security.principal import Principal

router = APIRouter(prefix="/api/v1", tags=["subscription"])
Reader = Annotated[Principal, Depends(may("read:subscription"))]
Writer = Annotated[Principal, Depends(may("write:subscription"))]


@router.post(
    "/payments/checkout",
    summary="Buy a plan",
    operation_id="create_plan_checkout",
    status_code=201,
    responses=errors(401, 403, 409, 413, 422, 429, 503),
)
async def create_plan_checkout(body: WantedPlan, principal: Writer, parts: PartsOf) -> PlanCheckout:
    """A page where the plan is paid; it holds once Stripe tells of the payment.

    Who changes to another plan pays for it at once; the one before ends with its period.
    """
    return await parts.subscriptions.checkout(principal, body)


@router.get(
    "/subscription/status",
    summary="Read the subscription",
    operation_id="get_subscription",
    responses=errors(401, 403, 422, 429, 503),
)
async def get_subscription(principal: Reader, parts: PartsOf) -> SubscriptionStatus:
    """The plan, until when it holds, and how much of it is used."""
    return await parts.subscriptions.status(principal)


@router.post(
    "/subscription/cancel",
    summary="Cancel the subscription",
    operation_id="cancel_subscription",
    responses=errors(401, 403, 404, 422, 429, 503),
)
async def cancel_subscription(principal: Writer, parts: PartsOf) -> SubscriptionStatus:
    """It holds until the end of the period that is paid for; cancelling twice is cancelling once."""
    return await parts.subscriptions.cancel(principal)
