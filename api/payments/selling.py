"""What a turn sells: the link is known at once, and the checkout is written with the turn."""

from typing import Any

from agent.playbook.schema import Offer, Playbook
from core.database.pool import Connection
from core.jobs import defer
from core.payments import repository
from core.payments.checkouts import CheckoutLinks


class Selling:
    """Gives every turn its `Sale`.

    ``ahead`` has the session behind a link opened by a job, so that it is there when the link is followed.
    """

    def __init__(self, links: CheckoutLinks, *, ahead: bool) -> None:
        self.links = links
        self.ahead = ahead

    def sale(
        self,
        organization_id: str,
        campaign_id: str,
        conversation_id: str,
        playbook_id: str,
        playbook: Playbook,
    ) -> "Sale":
        """For one turn."""
        about = {
            "organization_id": organization_id,
            "campaign_id": campaign_id,
            "conversation_id": conversation_id,
            "playbook_id": playbook_id,
        }
        return Sale(self, about, playbook)


class Sale:
    """One turn's checkout, if it comes to one. Price, currency and name are the playbook's."""

    def __init__(self, selling: Selling, about: dict[str, str], playbook: Playbook) -> None:
        self._selling = selling
        self._about = about
        self._playbook = playbook
        self._offer: Offer | None = None

    async def link(self, offer_id: str) -> str | None:
        """The link that sells an offer, the same in every turn; None for what costs nothing."""
        offer = self._playbook.offer(offer_id)
        if offer is None or offer.price == 0:
            return None
        self._offer = offer
        return self._selling.links.url(self._id(offer))

    @property
    def pending(self) -> bool:
        """Whether there is something to `save`."""
        return self._offer is not None

    @property
    def card(self) -> dict[str, Any] | None:
        """The stream's ``checkout`` event; None when the link was not asked for."""
        offer = self._offer
        if offer is None:
            return None
        return {
            "type": "checkout",
            "url": self._selling.links.url(self._id(offer)),
            "offer_id": offer.id,
            "name": offer.name,
            "amount": offer.price,
            "currency": offer.currency,
        }

    async def save(self, connection: Connection) -> None:
        """Write the checkout in the turn's transaction, unless an earlier turn did."""
        offer = self._offer
        if offer is None:
            return
        checkout = {
            **self._about,
            "id": self._id(offer),
            "kind": "offer",
            "offer_id": offer.id,
            "offer_name": offer.name,
            "amount": offer.price,
            "currency": offer.currency,
            "billing": offer.billing,
        }
        if not await repository.insert_checkout(connection, checkout):
            return
        await repository.note_offer(connection, self._about["conversation_id"])
        if self._selling.ahead:
            await defer(connection, "payments.open_checkout", checkout_id=checkout["id"])

    def _id(self, offer: Offer) -> str:
        return self._selling.links.id_for(self._about["conversation_id"], offer.id)
