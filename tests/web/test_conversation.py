"""A lead's conversation in a real browser."""

import pytest
from playwright.async_api import expect

from tests.standins.openai import OpenAIStandin
from tests.web.conftest import Visit
from tests.web.process import ServerProcess

pytestmark = pytest.mark.browser


async def test_from_the_link_to_the_offer(visit: Visit, scripted_server: ServerProcess) -> None:
    chat = await visit(f"{scripted_server.url}/chat/DEMO")
    await expect(chat.replies).to_have_count(1)
    await expect(chat.replies).to_contain_text("Are you a coach")
    await expect(chat.page.get_by_text("You’re chatting with an AI assistant.")).to_be_visible()

    await chat.name.fill("@FitCoach_Mike")
    said = await chat.ask("Yes, I'm a fitness coach")
    for answer in (
        "I offer one to one strength training online",
        "About $5,000 a month",
        "Mostly referrals and Instagram",
        "Finding new clients without spending all day on it",
        "Around five hours a week",
        "That sounds good. How much is it?",
    ):
        if "$497" in said:
            break
        said = await chat.ask(answer)
    assert "$497" in said
    await chat.ask("Yes, please send me the link")
    buy = chat.page.get_by_role("link", name="Continue to checkout")
    await expect(buy).to_contain_text("$497")
    await chat.page.reload()
    await expect(buy).to_contain_text("$497")
    await expect(chat.name).to_be_hidden()
    await expect(chat.status).to_be_hidden()


async def test_a_name_is_asked_for_lightly(visit: Visit, scripted_server: ServerProcess) -> None:
    chat = await visit(f"{scripted_server.url}/chat/DEMO")
    await chat.page.get_by_role("button", name="Continue without a name").click()
    await expect(chat.name).to_be_hidden()
    await expect(chat.text).to_be_focused()
    async with chat.page.expect_request("**/api/chat/stream") as sent:
        await chat.say("Hello")
    assert "instagram_handle" not in ((await sent.value).post_data or "")
    await chat.whole_reply(2)
    await chat.page.reload()
    await expect(chat.mine).to_have_text(["Hello"])
    await expect(chat.name).to_be_hidden()


async def test_a_visit_posts_nothing(visit: Visit, scripted_server: ServerProcess) -> None:
    chat = await visit("about:blank")
    methods: list[str] = []
    chat.page.on("request", lambda request: methods.append(request.method))
    await chat.page.goto(f"{scripted_server.url}/chat/DEMO")
    await chat.page.wait_for_load_state("networkidle")
    assert set(methods) == {"GET"}


async def test_the_reply_appears_word_by_word(
    visit: Visit, modelled_server: ServerProcess, model: OpenAIStandin
) -> None:
    model.orders.replies.append("Good to hear. What do you teach at the moment?")
    model.orders.hold_after = 5
    chat = await visit(f"{modelled_server.url}/chat/DEMO")
    await chat.say("Yes, fitness")
    await expect(chat.growing).to_contain_text("Good")
    await expect(chat.growing).not_to_contain_text("moment")
    await expect(chat.typing).to_be_hidden()
    model.release()
    await chat.whole_reply(2)
    await expect(chat.replies.last).to_have_text("Good to hear. What do you teach at the moment?")


async def test_a_reload_in_the_middle_of_a_reply(
    visit: Visit, modelled_server: ServerProcess, model: OpenAIStandin
) -> None:
    model.orders.replies.append("Good to hear. What do you teach at the moment?")
    model.orders.hold_after = 5
    chat = await visit(f"{modelled_server.url}/chat/DEMO")
    await chat.say("Yes, fitness")
    await expect(chat.growing).to_contain_text("Good")

    await chat.page.reload()
    await expect(chat.growing).to_contain_text("Good")
    model.release()
    await chat.whole_reply(2)
    assert (await chat.everything())[1:] == ["Yes, fitness", "Good to hear. What do you teach at the moment?"]
    assert len(model.calls_of("stream")) == 1


async def test_messages_written_while_a_reply_comes(
    visit: Visit, modelled_server: ServerProcess, model: OpenAIStandin
) -> None:
    model.orders.replies.extend(["First of all, welcome to this chat.", "Both of that sounds fine."])
    model.orders.hold_after = 3
    chat = await visit(f"{modelled_server.url}/chat/DEMO")
    await chat.say("Hello")
    await expect(chat.growing).to_contain_text("First")
    for message in ("I teach yoga", "and pilates"):
        async with chat.page.expect_response("**/api/chat/stream"):
            await chat.say(message)
    await expect(chat.page.locator(".waiting")).to_have_count(0)
    model.release()
    await chat.whole_reply(3)
    assert (await chat.everything())[1:] == [
        "Hello",
        "First of all, welcome to this chat.",
        "I teach yoga",
        "and pilates",
        "Both of that sounds fine.",
    ]


async def test_the_conversation_is_there_tomorrow(visit: Visit, scripted_server: ServerProcess) -> None:
    chat = await visit(f"{scripted_server.url}/chat/DEMO")
    await chat.ask("Yes, I am a mindset coach")
    before = await chat.everything()
    state = await chat.context.storage_state()

    again = await visit(f"{scripted_server.url}/chat/DEMO", storage_state=state)
    await expect(again.mine).to_have_count(1)
    assert await again.everything() == before
    other = await visit(f"{scripted_server.url}/chat/DEMO")
    await expect(other.mine).to_have_count(0)


async def test_markup_stays_text_and_addresses_become_links(
    visit: Visit, modelled_server: ServerProcess, model: OpenAIStandin
) -> None:
    chat = await visit(f"{modelled_server.url}/chat/DEMO")
    await chat.ask("<img src=x onerror=alert(1)> see https://example.com/a?b=1, or javascript:alert(1)")
    await expect(chat.mine).to_contain_text("<img src=x onerror=alert(1)>")
    links = chat.page.locator(".bubble a")
    await expect(links).to_have_count(1)
    await expect(links).to_have_attribute("href", "https://example.com/a?b=1")
    await expect(links).to_have_attribute("rel", "noopener noreferrer nofollow")
