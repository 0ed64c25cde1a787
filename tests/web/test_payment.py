"""From the link of an ad over the chat to a payment, back to a chat that knows, and on to the owner."""

import csv
import re
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, expect

from tests.web.chat_page import ChatPage
from tests.web.conftest import Visit
from tests.web.console import EMAIL, PASSWORD, Console
from tests.web.process import ServerProcess, WorkingServerProcess, running

pytestmark = pytest.mark.browser

WANTS = "I'd like to buy the Client Engine Program, please send me the link."


@pytest.fixture(scope="module")
async def shop(
    make_database: Callable[[], str], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[ServerProcess]:
    """The product on its defaults, with its worker and a known owner."""
    owner = {"OWNER_EMAIL": EMAIL, "OWNER_PASSWORD": PASSWORD}
    folder = tmp_path_factory.mktemp("shop")
    async with running(WorkingServerProcess(make_database(), folder, **owner)) as server:
        yield server


def _button(chat: ChatPage) -> Locator:
    return chat.page.locator(".checkout")


async def _choose(visit: Visit, shop: ServerProcess, query: str = "") -> ChatPage:
    chat = await visit(f"{shop.url}/chat/DEMO{query}")
    await chat.ask(WANTS)
    await expect(_button(chat)).to_contain_text("$497")
    return chat


async def _pay(page: Page) -> None:
    await expect(page.get_by_role("note")).to_contain_text("This is a test.")
    await page.get_by_label("E-mail address").fill("mike@example.com")
    await page.get_by_role("button", name="Pay, as a test").click()


async def test_from_the_link_to_the_owner_s_figures(
    visit: Visit, shop: ServerProcess, tmp_path: Path
) -> None:
    chat = await _choose(visit, shop, "?utm_source=ig&utm_campaign=spring")
    await _button(chat).click()
    page = chat.page
    await expect(page.get_by_role("heading")).to_have_text("Client Engine Program")
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await _pay(page)
    await expect(page).to_have_url(f"{shop.url}/chat/DEMO")
    await expect(chat.replies.last).to_contain_text("your payment is in")
    await expect(_button(chat)).to_have_count(0)
    assert "$" not in await chat.ask("Great! What happens now?")

    console = Console((await visit(f"{shop.url}/owner")).page, shop.url)
    await console.sign_in()
    tiles = console.page.locator(".tiles div")
    await expect(tiles.filter(has_text="Paid today")).to_contain_text("1")
    await expect(tiles.filter(has_text="Revenue today")).to_contain_text("$497")
    source = console.page.locator(".bars li").filter(has_text="ig · spring")
    await expect(source).to_contain_text("$497")
    await expect(source).to_contain_text("1 clicks · 1 talked · 1 paid")
    latest = console.page.locator("section").filter(has_text="Latest payments")
    await expect(latest).to_contain_text(re.compile(r"Client Engine Program, \$497\s+Test"))
    assert await console.sideways() == 0
    async with console.page.expect_download() as download:
        await console.page.get_by_role("button", name="Payments (CSV)").click()
    await (await download.value).save_as(tmp_path / "payments.csv")
    with (tmp_path / "payments.csv").open(newline="") as file:
        lines = list(csv.DictReader(file))
    assert [(line["amount"], line["email"]) for line in lines] == [("497.00", "mike@example.com")]


async def test_a_page_that_stays_open_hears_of_the_payment(visit: Visit, shop: ServerProcess) -> None:
    chat = await _choose(visit, shop)
    other = await chat.context.new_page()
    await other.goto(await _button(chat).get_attribute("href") or "")
    await _pay(other)
    await expect(chat.replies.last).to_contain_text("your payment is in")
    await expect(_button(chat)).to_have_count(0)
    assert await chat.replies.count() == 3


async def test_who_goes_back_without_paying_is_welcomed_in_one_line(
    visit: Visit, shop: ServerProcess
) -> None:
    chat = await _choose(visit, shop)
    await _button(chat).click()
    await chat.page.get_by_role("button", name="Back without paying").click()
    await expect(chat.replies.last).to_contain_text("Welcome back!")
    assert "$" not in await chat.replies.last.inner_text()
    await chat.page.reload()
    await expect(chat.replies).to_have_count(3)


async def test_an_owner_sets_up_days_plan_and_mail(visit: Visit, shop: ServerProcess) -> None:
    console = Console((await visit(f"{shop.url}/owner")).page, shop.url)
    page = console.page
    await console.sign_in()
    await console.open("Settings")
    await page.get_by_label("Time zone of your figures").select_option("Pacific/Auckland")
    await expect(console.notice).to_contain_text("by the days there")

    await page.get_by_role("link", name="Welcome mail").click()
    await page.get_by_label("Subject").fill("Welcome, {name}")
    await page.get_by_label("Text").fill("We begin on Monday.")
    await page.get_by_role("button", name="Use these words").click()
    await expect(page.get_by_text("These are your words.")).to_be_visible()
    await expect(page.get_by_label("Text")).to_have_value("We begin on Monday.")
    assert await console.sideways() == 0

    await page.get_by_role("link", name="Plan", exact=True).click()
    await page.get_by_role("button", name="$149 a month").click()
    await expect(page.locator(".amount")).to_have_text("$149 per month")
    await _pay(page)
    await expect(console.title).to_have_text("Overview")
    await console.go("settings/plan")
    present = page.get_by_role("definition").first
    await expect(present).to_have_text(re.compile("Free|Professional"))
    while await present.inner_text() != "Professional":  # the payment is on its way
        await page.reload()
        await expect(present).to_have_text(re.compile("Free|Professional"))
    assert await console.sideways() == 0
    await page.get_by_role("button", name="Cancel the plan").click()
    await page.get_by_role("dialog").get_by_role("button", name="Cancel the plan").click()
    await expect(page.get_by_role("term").filter(has_text="Ends")).to_be_visible()
