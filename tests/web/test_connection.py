"""A bad connection costs time, never a message, and never sends one twice."""

import asyncio
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.async_api import Route, expect

from tests.standins.openai import OpenAIStandin
from tests.web.conftest import Visit, demo_campaign
from tests.web.process import ServerProcess, running

pytestmark = pytest.mark.browser


async def test_the_server_gone_in_the_middle_of_a_reply_and_back(
    visit: Visit, modelled_server: ServerProcess, model: OpenAIStandin
) -> None:
    model.orders.replies.extend(["Lost with its process.", "This one arrives.", "And this one too."])
    model.orders.hold_after = 3
    chat = await visit(f"{modelled_server.url}/chat/DEMO")
    await chat.say("Yes, fitness")
    await expect(chat.growing).to_contain_text("Lost")

    await modelled_server.stop()
    await expect(chat.status).to_have_text("Reconnecting…")
    await chat.say("Are you still there?")
    model.release()
    await modelled_server.start()
    await chat.whole_reply(3)
    await expect(chat.status).to_be_hidden()
    first, *between, last = (await chat.everything())[1:]
    assert (first, last) == ("Yes, fitness", "And this one too.")
    # Whichever was first at the new server: the message, or the turn that it took over.
    assert sorted(between) == ["Are you still there?", "This one arrives."]


async def test_an_answer_that_never_arrived_does_not_double_the_message(
    visit: Visit, scripted_server: ServerProcess
) -> None:
    chat = await visit(f"{scripted_server.url}/chat/DEMO")
    sent: list[str] = []

    async def swallow(route: Route) -> None:
        sent.append(json.loads(route.request.post_data or "")["message_id"])
        if len(sent) == 1:
            await route.fetch()  # the server takes it, and the browser never hears of it
            await route.abort("connectionreset")
        else:
            await route.continue_()

    await chat.page.route("**/api/chat/stream", swallow)
    await chat.say("Yes, I am a fitness coach")
    await chat.whole_reply(2)
    assert len(sent) == 2
    assert len(set(sent)) == 1
    before = await chat.everything()
    await chat.page.reload()
    await expect(chat.mine).to_have_count(1)
    assert await chat.everything() == before


async def test_offline_and_online(visit: Visit, scripted_server: ServerProcess) -> None:
    chat = await visit(f"{scripted_server.url}/chat/DEMO")
    await chat.ask("Yes, I am a fitness coach")
    await chat.context.set_offline(True)
    await expect(chat.status).to_contain_text("You’re offline")
    await chat.say("I train people online")
    await expect(chat.page.locator(".waiting")).to_have_count(1)
    await chat.context.set_offline(False)
    await chat.whole_reply(3)
    await expect(chat.status).to_be_hidden()


async def test_a_message_that_was_never_sent_survives_a_reload(
    visit: Visit, scripted_server: ServerProcess
) -> None:
    chat = await visit(f"{scripted_server.url}/chat/DEMO")
    await chat.page.route("**/api/**", lambda route: route.abort())
    await chat.say("Yes, I am a fitness coach")
    await expect(chat.status).to_be_visible()
    await chat.page.reload()
    await expect(chat.mine).to_have_text(["Yes, I am a fitness coach"])
    await chat.page.unroute("**/api/**")
    await chat.whole_reply(2)
    await expect(chat.mine).to_have_count(1)


async def test_what_was_begun_to_write_survives_a_reload(
    visit: Visit, scripted_server: ServerProcess
) -> None:
    chat = await visit(f"{scripted_server.url}/chat/DEMO")
    await chat.text.fill("Half a thou")
    await chat.page.reload()
    await expect(chat.text).to_have_value("Half a thou")


async def test_what_is_written_before_the_scripts(visit: Visit, scripted_server: ServerProcess) -> None:
    chat = await visit(f"{scripted_server.url}/chat/DEMO")
    arrived = asyncio.Event()

    async def late(route: Route) -> None:
        await arrived.wait()
        await route.continue_()

    await chat.page.route("**/static/chat.js", late)
    await chat.page.reload(wait_until="commit")
    await chat.text.fill("Yes, I am a fitness coach")
    await expect(chat.send).to_be_disabled()
    arrived.set()
    await expect(chat.send).to_be_enabled()
    await chat.send.click()
    await expect(chat.mine).to_have_text("Yes, I am a fitness coach")
    await chat.whole_reply(2)


async def test_too_fast(visit: Visit, make_database: Callable[[], str], tmp_path: Path) -> None:
    async with running(ServerProcess(make_database(), tmp_path, RATE_LIMIT_CHAT="1/3second")) as server:
        chat = await visit(f"{server.url}/chat/DEMO")
        await chat.name.fill("too.fast")
        await chat.ask("Yes, I am a fitness coach")
        await chat.say("Online")
        await expect(chat.status).to_have_text(re.compile(r"You can write again in \d+ seconds?\."))
        await chat.whole_reply(3)
        await expect(chat.status).to_be_hidden()
        await expect(chat.mine).to_have_text(["Yes, I am a fitness coach", "Online"])


async def test_a_link_that_closes_in_the_middle(visit: Visit, scripted_server: ServerProcess) -> None:
    chat = await visit(f"{scripted_server.url}/chat/DEMO")
    with demo_campaign(scripted_server, is_active=False):
        await chat.say("Hello?")
        ended = chat.page.locator("#ended")
        await expect(ended).to_contain_text("This chat is taking a break")
    await expect(ended).to_be_focused()
    await expect(chat.text).to_be_hidden()
