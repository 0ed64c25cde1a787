"""What surrounds the demo's conversations: clicks from somewhere, payments, and days to look back on."""

import secrets
import time
from datetime import timedelta
from random import Random
from typing import Any

import orjson
import psycopg

from api.campaigns import repository as campaigns
from api.chat.acceptance import Campaign
from api.parts import Parts
from api.payments.webhook import receive
from cli import demo_repository
from core.database import Claims
from core.payments import local_desk
from core.payments import repository as checkouts
from core.payments.checkouts import metadata
from core.payments.local_desk import LocalDesk
from core.payments.provider import webhook_secrets
from core.payments.signatures import sign
from ingestion_worker.payments.handling import handle

SOURCES: dict[str, tuple[dict[str, str], ...]] = {
    "SPRING": (
        {
            "utm_source": "instagram",
            "utm_campaign": "spring",
            "utm_content": "before-after",
            "fbclid": "demo",
        },
        {"utm_source": "instagram", "utm_campaign": "spring", "utm_content": "testimonial", "fbclid": "demo"},
        {"gclid": "demo"},
    ),
    "BIO": ({"utm_source": "instagram", "utm_medium": "bio"}, {}),
    "PODCAST": ({"utm_source": "podcast", "utm_content": "episode-12"},),
}
DAYS = 14


class Life:
    """Makes the same for the same seed, but for ids."""

    def __init__(self, parts: Parts, seed: int = 7) -> None:
        self._parts = parts
        self._chance = Random(seed)  # noqa: S311 - nothing secret is made of it

    async def click(self, campaign: Campaign) -> str:
        """Somebody comes who will talk, after some who only look; returns who."""
        for _ in range(self._chance.choice((0, 1, 1, 2, 3))):
            await self._move_back(await self._visit(campaign), None, campaign, self._long_ago())
        return await self._visit(campaign)

    async def end(
        self, campaign: Campaign, visitor: str, thread_id: str, card: dict[str, Any] | None
    ) -> None:
        """Most who have a link to pay follow it, and most of those pay; then it becomes a while ago."""
        if card is not None and self._chance.random() < 0.9:
            await self._follow(campaign, thread_id, card["url"].rpartition("/")[2])
        await self._move_back(visitor, thread_id, campaign, self._long_ago())

    async def _visit(self, campaign: Campaign) -> str:
        visitor = secrets.token_hex(16)
        source = self._chance.choice(SOURCES[campaign.code])
        claims = Claims.for_organization(campaign.organization_id)
        async with self._parts.database.transaction(claims) as connection:
            await campaigns.count_visit(connection, campaign.id, bytes.fromhex(visitor), source)
        return visitor

    async def _follow(self, campaign: Campaign, thread_id: str, checkout_id: str) -> None:
        claims = Claims.for_organization(campaign.organization_id)
        async with self._parts.database.transaction(claims) as connection:
            await checkouts.note_opening(connection, checkout_id, thread_id)
        if isinstance(self._parts.checkouts.provider, LocalDesk) and self._chance.random() < 0.8:
            await self._pay(checkout_id)

    async def _pay(self, checkout_id: str) -> None:
        """As on the test checkout page; no mail is written, as there is nobody to read it."""
        await self._parts.checkouts.open(checkout_id)
        row = await self._parts.checkouts.find(checkout_id)
        paid = local_desk.paid_session(row, metadata(row), "", "")
        event = local_desk.event("checkout.session.completed", paid)
        body = orjson.dumps(event)
        known = webhook_secrets(self._parts.settings, self._parts.secret_key)
        await receive(self._parts.database, known, body, sign(body, known[0], int(time.time())))
        await handle(self._parts.database, event["id"])

    def _long_ago(self) -> timedelta:
        return timedelta(hours=1) + timedelta(days=DAYS) * self._chance.random() ** 2

    async def _move_back(
        self, visitor: str, thread_id: str | None, campaign: Campaign, by: timedelta
    ) -> None:
        claims = Claims.for_organization(campaign.organization_id)
        async with self._parts.database.transaction(claims) as connection:
            await demo_repository.move_visit(connection, campaign.id, bytes.fromhex(visitor), by)
            if thread_id is not None:
                await demo_repository.move_conversation(connection, thread_id, by)


def count_anew(conninfo: str, organization_id: str) -> None:
    """The figures of days that were moved, as the login role."""
    with psycopg.connect(conninfo) as connection:
        connection.execute("select app.recount_figures(%s)", (organization_id,))
