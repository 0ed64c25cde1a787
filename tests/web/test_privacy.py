"""What a lead may ask about their data, on their own page."""

import io
import zipfile
from collections.abc import AsyncIterator, Callable

import psycopg
import pytest
from playwright.async_api import expect

from tests.web.chat_page import ChatPage
from tests.web.conftest import Visit
from tests.web.process import ServerProcess, WorkingServerProcess, running

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
async def working_server(
    make_database: Callable[[], str], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[ServerProcess]:
    """The product with its worker, which does what is asked for."""
    async with running(WorkingServerProcess(make_database(), tmp_path_factory.mktemp("privacy"))) as server:
        yield server


def written(server: ServerProcess, needle: str) -> int:
    """How many messages hold a text."""
    with psycopg.connect(server.conninfo) as connection:
        row = connection.execute(
            "select count(*) from messages where position(%s in content) > 0", (needle,)
        ).fetchone()
    assert row is not None
    found: int = row[0]
    return found


async def open_privacy(page: ChatPage) -> None:
    await page.page.get_by_role("button", name="Your data").click()
    await expect(page.page.get_by_role("dialog", name="Your data")).to_be_visible()


async def test_before_a_word_there_is_nothing_to_ask_for(visit: Visit, working_server: ServerProcess) -> None:
    chat = await visit(f"{working_server.url}/chat/DEMO")
    await open_privacy(chat)
    await expect(chat.page.locator("#privacy-status")).to_contain_text("Nothing is kept yet")
    await expect(chat.page.get_by_role("button", name="Get a copy")).to_be_disabled()


async def test_a_lead_agrees_takes_a_copy_and_is_forgotten(
    visit: Visit, working_server: ServerProcess
) -> None:
    chat = await visit(f"{working_server.url}/chat/DEMO")
    page = chat.page
    await chat.ask("I coach nomads in Wandelbar")
    assert written(working_server, "Wandelbar") >= 1
    await open_privacy(chat)
    await page.get_by_label("News and offers").check()
    await expect(page.locator("#privacy-status")).to_have_text("Saved.")
    await page.reload()
    await chat.whole_reply(2)
    await open_privacy(chat)
    await expect(page.get_by_label("News and offers")).to_be_checked()
    await expect(page.get_by_label("Statistics about my visit")).not_to_be_checked()

    await page.get_by_role("button", name="Get a copy").click()
    async with page.expect_download() as saving:
        await page.get_by_role("link", name="Save the file").click()
    archive = zipfile.ZipFile(io.BytesIO((await (await saving.value).path()).read_bytes()))
    assert b"Wandelbar" in archive.read("messages.csv")

    await page.get_by_role("button", name="Delete my data").click()
    await page.get_by_role("button", name="No, keep it").click()
    await page.get_by_role("button", name="Delete my data").click()
    await page.get_by_role("button", name="Yes, delete it").click()
    await expect(page.locator("#privacy-status")).to_have_text("Everything you wrote here is deleted.")
    assert written(working_server, "Wandelbar") == 0
    await page.get_by_role("button", name="Close").click()
    await expect(chat.mine).to_have_count(0)
    await chat.ask("Hello again")
    await expect(chat.mine).to_have_count(1)


async def test_a_tab_that_was_open_meanwhile_begins_anew(visit: Visit, working_server: ServerProcess) -> None:
    chat = await visit(f"{working_server.url}/chat/DEMO")
    await chat.ask("I coach nomads in Zweitfenster")
    other = ChatPage(await chat.context.new_page())
    await other.page.goto(f"{working_server.url}/chat/DEMO")
    await other.whole_reply(2)
    await open_privacy(other)
    await other.page.get_by_role("button", name="Delete my data").click()
    await other.page.get_by_role("button", name="Yes, delete it").click()
    await expect(other.page.locator("#privacy-status")).to_contain_text("is deleted")
    await chat.say("Are you still there?")
    await expect(chat.mine).to_have_text(["Are you still there?"])
    await chat.whole_reply(2)
    assert written(working_server, "Are you still there?") == 1
