"""A turn whose log was let go: its words are told from the transcript."""

import aiohttp
import pytest

from api.chat.streams import EventId
from core.database import Claims, Database
from ingestion_worker.retention.repository import forget_turn_logs
from tests.api.chat.talking import Told, parse, say, text_of
from tests.api.organization import Organization

MESSAGE_ID = "0123456789abcdef"


async def _forget(database: Database, organization: Organization, *, days_later: int) -> int:
    ended = "update turns set finished_at = now() - %s * interval '1 day'"
    async with database.transaction(Claims.for_organization(organization.id)) as connection:
        await connection.execute(ended, (days_later,))
        return await forget_turn_logs(connection, 10)


@pytest.fixture
async def told(stranger: aiohttp.ClientSession, organization: Organization) -> list[Told]:
    """One turn, as it was told when it ran."""
    return await say(stranger, organization.code, "Yes, I'm a coach", message_id=MESSAGE_ID)


async def test_is_told_from_its_text_to_its_end(
    told: list[Told], stranger: aiohttp.ClientSession, organization: Organization, database: Database
) -> None:
    assert await _forget(database, organization, days_later=8) == 1
    assert await _forget(database, organization, days_later=8) == 0
    headers = {"X-Lead-Token": told[-1].data["lead_token"], "Last-Event-ID": "1-1-5"}
    params = {"thread_id": told[-1].data["thread_id"]}
    async with stranger.get("/api/chat/stream", params=params, headers=headers) as answer:
        again = parse(await answer.read())
    assert text_of(again) == text_of(told)[5:]
    assert again[-1].kind == "done"
    assert again[-1].data["metadata"] == told[-1].data["metadata"]
    resent = await say(stranger, organization.code, "Yes, I'm a coach", message_id=MESSAGE_ID)
    assert text_of(resent) == text_of(told)


async def test_has_nothing_for_who_read_all_of_it(
    told: list[Told], stranger: aiohttp.ClientSession, organization: Organization, database: Database
) -> None:
    await _forget(database, organization, days_later=8)
    headers = {"X-Lead-Token": told[-1].data["lead_token"], "Last-Event-ID": told[-1].id}
    params = {"thread_id": told[-1].data["thread_id"]}
    async with stranger.get("/api/chat/stream", params=params, headers=headers) as answer:
        assert answer.status == 204


async def test_stays_for_a_week(told: list[Told], organization: Organization, database: Database) -> None:
    assert EventId.parse(told[-1].id)
    assert await _forget(database, organization, days_later=6) == 0
