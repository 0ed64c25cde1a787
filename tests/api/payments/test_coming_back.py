"""A lead who opened the checkout and did not pay."""

import asyncio

from tests.api.chat.talking import say, text_of
from tests.api.payments.conftest import Chosen, Shop


async def _leaves(chosen: Chosen) -> None:
    await chosen.follow()
    answer = await chosen.browser.get(f"/pay/{chosen.checkout_id}/back", allow_redirects=False)
    assert answer.status == 303
    assert answer.headers["Location"].endswith(f"/chat/{chosen.shop.organization.code}")


class TestWelcomeBack:
    async def test_is_one_friendly_line_with_the_link(self, shop: Shop) -> None:
        chosen = await shop.chooses()
        await _leaves(chosen)
        histories = await asyncio.gather(*(chosen.history() for _ in range(5)))
        last = histories[0][-1] if len(histories[0]) == 4 else (await chosen.history())[-1]
        assert last["role"] == "ai"
        assert last["content"].startswith("Welcome back!")
        assert chosen.card["url"] in last["content"]
        assert "$" not in last["content"]
        assert len(await chosen.history()) == 4

    async def test_is_in_the_agent_s_memory_and_said_once(self, shop: Shop) -> None:
        chosen = await shop.chooses()
        await _leaves(chosen)
        await chosen.history()
        events = await say(chosen.browser, shop.organization.code, "Hi again, I am still thinking")
        assert "Eight weeks" not in text_of(events)
        await _leaves(chosen)
        assert len(await chosen.history()) == 6

    async def test_is_not_said_to_who_may_still_be_paying(self, shop: Shop) -> None:
        chosen = await shop.chooses()
        await chosen.follow()
        assert len(await chosen.history()) == 3
        await shop.rows(
            "update conversations set checkout_opened_at = now() - interval '6 minutes',"
            " last_message_at = now() - interval '10 minutes' where id = %s returning id",
            chosen.thread_id,
        )
        assert len(await chosen.history()) == 4

    async def test_is_not_said_to_a_page_that_was_open_all_along(self, shop: Shop) -> None:
        chosen = await shop.chooses()
        await _leaves(chosen)
        watching = {"campaign_code": shop.organization.code, "watching": "true"}
        async with chosen.browser.get("/api/chat/history", params=watching) as answer:
            assert len((await answer.json())["messages"]) == 3
        assert len(await chosen.history()) == 4

    async def test_is_not_said_to_who_came_back_from_paying(self, shop: Shop) -> None:
        chosen = await shop.chooses()
        await chosen.follow()
        await chosen.browser.get(f"/pay/{chosen.checkout_id}/thanks", allow_redirects=False)
        await shop.rows(
            "update conversations set checkout_opened_at = now() - interval '1 day',"
            " last_message_at = now() - interval '2 days' where id = %s returning id",
            chosen.thread_id,
        )
        assert len(await chosen.history()) == 3

    async def test_is_not_said_to_who_has_paid_or_never_looked(self, shop: Shop) -> None:
        looked_not = await shop.chooses()
        assert len(await looked_not.history()) == 3
        paid = await shop.chooses()
        await _leaves(paid)
        await shop.deliver(shop.stripe.paid(await paid.session_id()))
        await shop.work()
        history = await paid.history()
        assert len(history) == 4
        assert not history[-1]["content"].startswith("Welcome back")
        assert not [message for message in history if message["checkout"]]


class TestBesideTheChat:
    """Whose browser does not hold the conversation is shown no new one."""

    async def test_in_the_chat_itself_one_is_back_in_it(self, shop: Shop) -> None:
        chosen = await shop.chooses()
        for step in ("thanks", "back"):
            address = f"/pay/{chosen.checkout_id}/{step}"
            async with chosen.browser.get(address, allow_redirects=False) as answer:
                assert answer.status == 303
                assert answer.headers["location"].endswith(f"/chat/{shop.organization.code}")

    async def test_elsewhere_one_is_told_how_it_went(self, shop: Shop) -> None:
        chosen = await shop.chooses()
        stranger = await shop.lead()
        for step, told in (("thanks", "Vielen Dank!"), ("back", "Es wurde nichts bezahlt")):
            address, german = f"/pay/{chosen.checkout_id}/{step}", {"accept-language": "de"}
            async with stranger.get(address, headers=german, allow_redirects=False) as answer:
                assert answer.status == 200
                assert told in await answer.text()
