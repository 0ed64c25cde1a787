"""From the wish to buy to a session at Stripe."""

from tests.api.chat.talking import say, text_of
from tests.api.payments.conftest import WANTS, Shop
from tests.standins.stripe import Fault


class TestTheLink:
    async def test_comes_with_the_reply_and_as_an_event_of_its_own(self, shop: Shop) -> None:
        chosen = await shop.chooses()
        assert chosen.card == {
            "type": "checkout",
            "url": f"http://localhost:8000/pay/{chosen.checkout_id}",
            "offer_id": "option2",
            "name": "Client Engine Program",
            "amount": 49700,
            "currency": "USD",
        }
        assert chosen.card["url"] in text_of(chosen.events)
        assert [e.kind for e in chosen.events][-2:] == ["checkout", "done"]
        assert chosen.events[-1].data["metadata"]["checkout"] == chosen.card
        assert (await chosen.history())[-1]["checkout"] == chosen.card

    async def test_leads_to_a_session_with_the_playbook_s_price_and_the_visit_s_parameters(
        self, shop: Shop
    ) -> None:
        browser = await shop.lead()
        await browser.get(f"/chat/{shop.organization.code}?utm_source=ig&utm_content=ad7&fbclid=F1&nope=1")
        events = await say(browser, shop.organization.code, WANTS)
        await shop.work()
        checkout = (await shop.rows("select * from checkouts"))[0]
        session = shop.stripe.sessions[checkout["session_id"]]
        assert (session["amount_total"], session["currency"], session["mode"]) == (49700, "usd", "payment")
        about = session["metadata"]
        assert about["thread_id"] == events[-1].data["thread_id"]
        assert about["campaign_code"] == shop.organization.code
        assert about["instagram_handle"] == "@tester"
        assert about["offer"] == "option2"
        assert {k: about[k] for k in ("utm_source", "utm_content", "fbclid")} == {
            "utm_source": "ig",
            "utm_content": "ad7",
            "fbclid": "F1",
        }
        assert "nope" not in about

    async def test_is_the_same_whenever_it_is_asked_for(self, shop: Shop) -> None:
        chosen = await shop.chooses()
        again = await say(
            chosen.browser, shop.organization.code, "Send me the link again please, I want to buy it"
        )
        cards = [event.data for event in again if event.kind == "checkout"]
        assert cards == [chosen.card]
        await shop.work()
        assert len(await shop.rows("select from checkouts")) == 1
        assert len([r for r in shop.stripe.requests if r[1] == "/v1/checkout/sessions"]) == 1


class TestFollowingIt:
    async def test_leads_on_to_stripe(self, shop: Shop) -> None:
        chosen = await shop.chooses()
        answer = await chosen.follow()
        assert answer.status == 303
        assert answer.headers["Location"] == f"{shop.stripe.url}/c/pay/{await chosen.session_id()}"

    async def test_opens_the_session_where_its_job_did_not(self, shop: Shop) -> None:
        browser = await shop.lead()
        events = await say(browser, shop.organization.code, WANTS)
        card = next(event.data for event in events if event.kind == "checkout")
        answer = await browser.get(card["url"].removeprefix("http://localhost:8000"), allow_redirects=False)
        assert answer.status == 303
        await shop.work()
        assert len({r[3] for r in shop.stripe.requests}) == 1

    async def test_a_lost_answer_of_stripe_s_makes_no_second_session(self, shop: Shop) -> None:
        shop.stripe.faults.extend([Fault(drop=True, after_work=True), Fault(status=500)])
        before = set(shop.stripe.sessions)
        chosen = await shop.chooses()
        await chosen.follow()
        assert len(set(shop.stripe.sessions) - before) == 1

    async def test_stripe_away_is_a_page_that_says_so(self, shop: Shop) -> None:
        browser = await shop.lead()
        events = await say(browser, shop.organization.code, WANTS)
        card = next(event.data for event in events if event.kind == "checkout")
        shop.stripe.faults.extend([Fault(status=503)] * 3)
        path = card["url"].removeprefix("http://localhost:8000")
        answer = await browser.get(path, allow_redirects=False)
        assert answer.status == 503
        assert "Nothing was charged" in await answer.text()
        assert (await browser.get(path, allow_redirects=False)).status == 303

    async def test_an_expired_session_is_replaced(self, shop: Shop) -> None:
        chosen = await shop.chooses()
        first = await chosen.session_id()
        assert (await shop.deliver(shop.stripe.expired(first)))[0] == 200
        await shop.work()
        answer = await chosen.follow()
        second = await chosen.session_id()
        assert second != first
        assert answer.headers["Location"].endswith(second)

    async def test_one_that_is_a_day_old_is_replaced_though_nobody_said_so(self, shop: Shop) -> None:
        chosen = await shop.chooses()
        first = await chosen.session_id()
        await shop.rows(
            "update checkouts set generation_began_at = now() - interval '1 day' where id = %s returning id",
            chosen.checkout_id,
        )
        await chosen.follow()
        assert await chosen.session_id() != first

    async def test_a_link_that_does_not_exist_is_a_page_that_says_so(self, shop: Shop) -> None:
        browser = await shop.lead()
        answer = await browser.get("/pay/chk_aaaaaaaaaaaaaaaaaaaaaaaaaa")
        assert answer.status == 404
        assert "text/html" in answer.headers["Content-Type"]

    async def test_a_preview_does_not_count_as_following(self, shop: Shop) -> None:
        chosen = await shop.chooses()
        path = f"/pay/{chosen.checkout_id}"
        await chosen.browser.get(path, headers={"User-Agent": "WhatsApp/2.23"}, allow_redirects=False)
        opened = "select checkout_opened_at from conversations"
        assert (await shop.rows(opened))[0]["checkout_opened_at"] is None
        await chosen.follow()
        assert (await shop.rows(opened))[0]["checkout_opened_at"] is not None
