"""What the routes of an organization's plan take and give. Amounts are in major units."""

from pydantic import BaseModel, Field

from api.schemas import Body, Timestamp
from core.payments.plans import BillingPeriod, Tier


class WantedPlan(Body):
    """Which plan, and how often it is paid."""

    tier: Tier = Field(examples=["professional"])
    billing_period: BillingPeriod = Field(examples=["monthly"])


class PlanCheckout(BaseModel):
    """Where the plan is paid."""

    checkout_url: str
    session_id: str
    tier: Tier
    billing_period: BillingPeriod
    amount: float
    """For one period."""
    currency: str
    expires_at: Timestamp


class PlanOffer(BaseModel):
    """A plan that can be bought; null is as many as one likes."""

    tier: Tier
    name: str
    monthly: float
    yearly: float
    currency: str
    max_users: int | None
    max_campaigns: int | None


class SubscriptionStatus(BaseModel):
    """What the organization has, until when, and how much of it is used."""

    plan: str
    """A tier, or what the organization has without a subscription."""
    status: str
    """Stripe's word for how the subscription stands; ``none`` without one."""
    tier: str | None
    billing_period: BillingPeriod | None
    current_period_end: Timestamp | None
    cancel_at_period_end: bool
    users: int
    max_users: int | None
    """Null is as many as one likes, as below."""
    campaigns: int
    """Those that take conversations."""
    max_campaigns: int | None
    plans: list[PlanOffer]
