"""What an organization does with its own plan."""

from api.subscription import repository
from api.subscription.schemas import PlanCheckout, PlanOffer, SubscriptionStatus, WantedPlan
from core.database import Database
from core.errors import Conflict, NotFound
from core.payments import repository as checkout_rows
from core.payments.cancelling import cancel
from core.payments.checkouts import LIFE, CheckoutLinks, Checkouts
from core.payments.plans import CURRENCY, ENTITLED, PLANS, BillingPeriod, Tier
from core.security.principal import Principal

_OFFERS = [
    PlanOffer(
        tier=plan.tier,
        name=plan.name,
        monthly=plan.monthly / 100,
        yearly=plan.yearly / 100,
        currency=CURRENCY,
        max_users=plan.max_users,
        max_campaigns=plan.max_campaigns,
    )
    for plan in PLANS.values()
]


class Subscriptions:
    """Buying, looking at and ending a plan."""

    def __init__(self, database: Database, links: CheckoutLinks, checkouts: Checkouts) -> None:
        self._database = database
        self._links = links
        self._checkouts = checkouts

    async def checkout(self, principal: Principal, wanted: WantedPlan) -> PlanCheckout:
        """A page where the plan is paid, the same one until it is.

        Raises `core.errors.Conflict` for the plan that the organization has, and what
        `core.payments.provider.PaymentProvider.open_session` raises.
        """
        plan = PLANS[wanted.tier]
        amount = plan.price(wanted.billing_period)
        async with self._database.transaction(principal.claims) as connection:
            had = await checkout_rows.subscription(connection, principal.organization_id)
            if had and had["status"] in ENTITLED and not had["cancel_at_period_end"]:
                _refuse_same(had["tier"], had["billing_period"], wanted)
            paid = await repository.plans_paid(connection, principal.organization_id)
            about = f"{wanted.tier} {wanted.billing_period} {amount} {paid}"
            checkout_id = self._links.id_for(principal.organization_id, about)
            await checkout_rows.insert_checkout(
                connection,
                {
                    "id": checkout_id,
                    "organization_id": principal.organization_id,
                    "kind": "plan",
                    "campaign_id": None,
                    "conversation_id": None,
                    "playbook_id": None,
                    "offer_id": wanted.tier,
                    "offer_name": plan.name,
                    "amount": amount,
                    "currency": CURRENCY,
                    "billing": "month" if wanted.billing_period == "monthly" else "year",
                },
            )
        url = await self._checkouts.open(checkout_id)
        row = await self._checkouts.find(checkout_id)
        return PlanCheckout(
            checkout_url=url,
            session_id=row["session_id"],
            tier=wanted.tier,
            billing_period=wanted.billing_period,
            amount=amount / 100,
            currency=CURRENCY,
            expires_at=row["generation_began_at"] + LIFE,
        )

    async def status(self, principal: Principal) -> SubscriptionStatus:
        """How it stands."""
        async with self._database.transaction(principal.claims) as connection:
            standing = await repository.standing(connection, principal.organization_id)
            had = await checkout_rows.subscription(connection, principal.organization_id)
        told = had or {"status": "none", "cancel_at_period_end": False}
        names = ("status", "tier", "billing_period", "current_period_end", "cancel_at_period_end")
        return SubscriptionStatus(**standing, **{name: told.get(name) for name in names}, plans=_OFFERS)

    async def cancel(self, principal: Principal) -> SubscriptionStatus:
        """Let it end with the period that is paid for; raises `core.errors.NotFound` where there is none.

        Also raises what `core.payments.provider.PaymentProvider.cancel_at_period_end` raises.
        """
        async with self._database.transaction(principal.claims) as connection:
            had = await checkout_rows.subscription(connection, principal.organization_id)
        if had is None or had["status"] not in ENTITLED:
            raise NotFound("There is no subscription to cancel.")
        if not had["cancel_at_period_end"]:
            provider = self._checkouts.provider
            await cancel(self._database, provider, principal.organization_id, had["subscription_id"])
        return await self.status(principal)


def _refuse_same(tier: Tier, period: BillingPeriod, wanted: WantedPlan) -> None:
    if (tier, period) == (wanted.tier, wanted.billing_period):
        raise Conflict(
            "The organization has this plan already.", details={"tier": tier, "billing_period": period}
        )
