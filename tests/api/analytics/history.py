"""A history that an organization may have had, made by the statements that the product uses."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import psycopg
from psycopg.types.json import Jsonb

from api.playbooks.service import Playbooks
from core.database import Claims, Database
from core.identifiers import new_id
from core.payments import repository as checkouts
from ingestion_worker.payments.handling import handle
from tests.api.organization import Organization

NOON = datetime(2026, 3, 10, 22, 30, tzinfo=UTC)
"""Late enough that it is another day in most of the zones."""
ZONES = ("UTC", "Asia/Kolkata", "America/Los_Angeles", "Pacific/Auckland")
SOURCES: tuple[dict[str, str], ...] = (
    {},
    {"utm_source": "ig", "utm_campaign": "spring", "utm_content": "ad1"},
    {"fbclid": "abc"},
    {"utm_source": "ig", "gclid": "x"},
)
DOUBTS = ("price", "time", "trust")
FIELDS = ("coaching_area", "business_type", "monthly_revenue")
STAGES = ("qualification", "objection_handling", "closing", "disqualified")


class Crash(Exception):
    """The process dies before the commit."""


@dataclass(slots=True)
class History:
    """What happened so far; every step is one of the product's own transactions."""

    database: Database
    organization: Organization
    playbooks: Playbooks
    conversations: list[str] = field(default_factory=list)
    sold: list[dict[str, Any]] = field(default_factory=list)
    """Sessions that were paid."""
    told: list[dict[str, Any]] = field(default_factory=list)
    """Events that were sent."""
    steps: int = 0

    @property
    def claims(self) -> Claims:
        """Those of the organization."""
        return Claims.for_organization(self.organization.id)

    def _when(self, n: int) -> datetime:
        return NOON + timedelta(hours=7 * n)

    async def step(self, kind: str, a: int, b: int) -> None:
        """Do one thing; ``a`` and ``b`` choose what to, and how. Who loses a deadlock tries again."""
        self.steps += 1
        for _ in range(5):
            try:
                await getattr(self, kind)(a, b)
            except Crash:
                return
            except psycopg.errors.DeadlockDetected:
                continue
            return

    async def click(self, a: int, b: int) -> None:
        """Somebody opens the link, maybe again and by an ad."""
        async with self.database.transaction(self.claims) as connection:
            moment = self._when(a % 5)
            await connection.execute(
                "insert into visits as v (organization_id, campaign_id, day, visitor, parameters, created_at)"
                " values (%s, %s, %s, %s, %s, %s) on conflict (campaign_id, day, visitor)"
                " do update set parameters = excluded.parameters"
                " where v.parameters = '{}' and excluded.parameters <> '{}'",
                (
                    self.organization.id,
                    self.organization.campaign_id,
                    moment.date(),
                    bytes([a % 3]),
                    Jsonb(SOURCES[b % 4]),
                    moment,
                ),
            )
            self._maybe_crash(b)

    async def begin(self, a: int, b: int) -> None:
        """A lead begins to talk."""
        conversation_id = f"lead-x-{new_id('c')[-12:]}"
        async with self.database.transaction(self.claims) as connection:
            version = await self.playbooks.current(connection, self.organization.campaign_id)
            await connection.execute(
                "update campaigns set uses = uses + 1 where id = %s", (self.organization.campaign_id,)
            )
            await connection.execute(
                "insert into conversations (id, organization_id, campaign_id, playbook_id, handle,"
                " questions_asked, open_field, total_messages, source) values (%s, %s, %s, %s, 'x', 1, %s, 1,"
                " coalesce((select parameters from visits where campaign_id = %s limit 1), '{}'))",
                (
                    conversation_id,
                    self.organization.id,
                    self.organization.campaign_id,
                    version.id,
                    version.playbook.questions[0].field,
                    self.organization.campaign_id,
                ),
            )
            await connection.execute(
                "insert into messages (id, organization_id, conversation_id, seq, role, content)"
                " values (%s, %s, %s, 1, 'ai', 'Hello?')",
                (new_id("msg"), self.organization.id, conversation_id),
            )
            self._maybe_crash(b)
        self.conversations.append(conversation_id)

    async def turn(self, a: int, b: int) -> None:
        """A message and its reply."""
        if not self.conversations:
            return
        async with self.database.transaction(self.claims) as connection:
            stage = STAGES[b % 4]
            await connection.execute(
                "update conversations set total_messages = total_messages + 2, last_message_at = now(),"
                " stage = case when converted_at is null then %s else 'converted' end, open_field = %s,"
                " fields = %s, objections = %s, offer_shown = %s, checkout_at = %s,"
                " qualified_at = case when %s or converted_at is not null"
                "   then coalesce(qualified_at, created_at + %s * interval '1 minute') end where id = %s",
                (
                    stage,
                    FIELDS[b % 3] if stage == "qualification" else None,
                    Jsonb(dict.fromkeys(FIELDS[: b % 4], "x")),
                    Jsonb(
                        [
                            {"type": DOUBTS[i % 3], "words": "", "answered": (a + i) % 2 == 0}
                            for i in range(b % 5)
                        ]
                    ),
                    "option2" if b % 7 > 3 else None,
                    self._when(a % 3) if b % 7 > 4 else None,
                    b % 3 > 0,
                    a % 600,
                    self._one(a),
                ),
            )
            for role in ("human", "ai"):
                await connection.execute(
                    "insert into messages (id, organization_id, conversation_id, seq, role, content)"
                    " select %s, organization_id, id, coalesce((select max(seq) from messages m"
                    "  where m.conversation_id = c.id), 0) + 1, %s, 'x' from conversations c where id = %s",
                    (new_id("msg"), role, self._one(a)),
                )
            self._maybe_crash(b)

    async def pay(self, a: int, b: int) -> None:
        """A session is paid; one that was paid is told of again."""
        if not self.conversations:
            return
        conversation_id = self._one(a)
        offer = ("option1", "option2")[b % 2]
        checkout_id = f"chk_{conversation_id[-12:]}{offer}"
        currency = ("USD", "JPY")[b % 2]
        async with self.database.transaction(self.claims) as connection:
            cursor = await connection.execute("select from conversations where id = %s", (conversation_id,))
            if await cursor.fetchone() is None:
                return
            await checkouts.insert_checkout(
                connection,
                {
                    "id": checkout_id,
                    "organization_id": self.organization.id,
                    "kind": "offer",
                    "campaign_id": self.organization.campaign_id,
                    "conversation_id": conversation_id,
                    "playbook_id": None,
                    "offer_id": offer,
                    "offer_name": offer,
                    "amount": 1000 + b,
                    "currency": currency,
                    "billing": "once",
                },
            )
            cursor = await connection.execute("select amount from checkouts where id = %s", (checkout_id,))
            amount = (await cursor.fetchall())[0]["amount"]
        session = {
            "id": f"cs_{checkout_id}",
            "payment_status": "paid",
            "amount_total": amount if b % 11 else amount + 1,
            "currency": currency.lower(),
            "metadata": {"checkout_id": checkout_id},
            "payment_intent": f"pi_{checkout_id}",
        }
        self.sold.append(session)
        await self._tell("checkout.session.completed", session, a)

    async def give_back(self, a: int, b: int) -> None:
        """A refund, whole or in part, that may fail; or a dispute, that may be won."""
        if not self.sold:
            return
        session = self.sold[a % len(self.sold)]
        content = {
            "id": f"re_{session['id']}{b % 2}",
            "amount": session["amount_total"] if b % 5 == 0 else 100 + b,
            "currency": session["currency"],
            "status": ("succeeded", "pending", "failed", "lost", "won", "needs_response")[b % 6],
            "payment_intent": session["payment_intent"],
            "created": int(self._when(b % 4).timestamp()),
        }
        kind = "refund.updated" if b % 6 < 3 else "charge.dispute.updated"
        if b % 6 >= 3:
            content["id"] = f"dp_{session['id']}"
        await self._tell(kind, content, b)

    async def tell_again(self, a: int, b: int) -> None:
        """A webhook comes twice."""
        if self.told:
            await self._handle(self.told[a % len(self.told)])

    async def delete(self, a: int, b: int) -> None:
        """A lead asks to be deleted."""
        if not self.conversations:
            return
        async with self.database.transaction(self.claims) as connection:
            await connection.execute("delete from conversations where id = %s", (self._one(a),))
            self._maybe_crash(b)

    async def move(self, a: int, b: int) -> None:
        """The organization's days become others."""
        async with self.database.transaction(self.claims) as connection:
            await connection.execute(
                "update organizations set time_zone = %s where id = %s", (ZONES[b % 4], self.organization.id)
            )

    def _one(self, a: int) -> str:
        return self.conversations[a % len(self.conversations)]

    def _maybe_crash(self, b: int) -> None:
        if b % 13 == 12:
            raise Crash

    async def _tell(self, kind: str, content: dict[str, Any], n: int) -> None:
        event = {
            "id": new_id("evt"),
            "type": kind,
            "created": int(self._when(n % 4).timestamp()),
            "livemode": True,
            "data": {"object": content},
        }
        self.told.append(event)
        await self._handle(event)

    async def _handle(self, event: dict[str, Any]) -> None:
        body = orjson.dumps(event).decode()
        moment = datetime.fromtimestamp(event["created"], UTC)
        await self.database.fetch(
            Claims.nobody(),
            "select app.store_stripe_event(%s, %s, %s, %s)",
            (event["id"], event["type"], body, moment),
        )
        await handle(self.database, event["id"])
