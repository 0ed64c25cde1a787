"""A lead who opened the checkout, did not pay, and comes back: one friendly line, not a second pitch."""

from psycopg.rows import DictRow

from agent.responders.scripted.phrases import LANGUAGES, phrases_for
from api.payments import repository
from core.database import Claims, Database
from core.payments.checkouts import CheckoutLinks
from core.payments.saying import say_apart
from core.security.tokens import LeadSession


class Returning:
    """Welcomes leads back."""

    def __init__(self, database: Database, links: CheckoutLinks) -> None:
        self._database = database
        self._links = links

    async def welcome(self, session: LeadSession, conversation: DictRow) -> bool:
        """Say the line, once in a conversation; whether it was said now."""
        if conversation["checkout_opened_at"] is None or conversation["reminded_at"] is not None:
            return False
        claims = Claims.for_lead(session.organization_id, session.thread_id)
        async with self._database.transaction(claims) as connection:
            left = await repository.unpaid_checkout(connection, session.thread_id)
            if left is None:
                return False
            reminded = await repository.note_reminder(connection, session.thread_id)
            await say_apart(connection, reminded, self._line(reminded, left))
        return True

    def _line(self, conversation: DictRow, checkout: DictRow) -> str:
        language = conversation["language"]
        phrases = phrases_for(language if language in LANGUAGES else LANGUAGES[0])
        return phrases["welcome_back"][0].format(
            name=checkout["offer_name"], url=self._links.url(checkout["id"])
        )
