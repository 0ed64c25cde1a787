"""What an organization can subscribe to with us."""

from dataclasses import dataclass
from typing import Literal, get_args

Tier = Literal["starter", "professional", "enterprise"]
BillingPeriod = Literal["monthly", "yearly"]
TIERS: tuple[Tier, ...] = get_args(Tier)
CURRENCY = "USD"
ENTITLED = frozenset({"active", "trialing", "past_due"})
"""Statuses with which a plan holds; Stripe tries a card for a while before it gives up."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A tier, its prices in cents, and how much it allows; None is as much as one likes."""

    tier: Tier
    name: str
    monthly: int
    yearly: int
    max_users: int | None
    max_campaigns: int | None

    def price(self, period: BillingPeriod) -> int:
        """What a period costs, in cents."""
        return self.monthly if period == "monthly" else self.yearly


PLANS: dict[Tier, Plan] = {
    "starter": Plan("starter", "Limitless Starter", 4_900, 49_000, 3, 5),
    "professional": Plan("professional", "Limitless Professional", 14_900, 149_000, 10, 50),
    "enterprise": Plan("enterprise", "Limitless Enterprise", 49_900, 499_000, None, None),
}
NO_PLAN = "free"
"""What an organization without a subscription has: the limits that its superadmin gave it, or none."""
