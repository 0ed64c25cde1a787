"""What an owner brings in is what leads are answered from: the whole way, with a worker that runs."""

import filecmp
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from playwright.async_api import Locator, expect

from tests.knowledge.build import DOCUMENTS
from tests.web.chat_page import ChatPage
from tests.web.conftest import Visit
from tests.web.console import EMAIL, PASSWORD, Console
from tests.web.process import ServerProcess, WorkingServerProcess, running

pytestmark = pytest.mark.browser

QUESTION = "Can I pay with PayPal?"
ANSWER = "We do not take PayPal"


@pytest.fixture(scope="module")
async def working_server(
    make_database: Callable[[], str], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[ServerProcess]:
    """The product with its worker."""
    owner = {"OWNER_EMAIL": EMAIL, "OWNER_PASSWORD": PASSWORD}
    folder = tmp_path_factory.mktemp("working")
    async with running(WorkingServerProcess(make_database(), folder, **owner)) as server:
        yield server


@pytest.fixture
async def console(visit: Visit, working_server: ServerProcess) -> Console:
    """The owner, signed in, at a desk."""
    page = (await visit(f"{working_server.url}/owner", viewport={"width": 1100, "height": 850})).page
    console = Console(page, working_server.url)
    await console.sign_in()
    await expect(console.title).to_have_text("Overview")
    return console


def document(console: Console, name: str) -> Locator:
    """Its row."""
    rows = console.page.get_by_role("list", name="Documents").get_by_role("listitem")
    return rows.filter(has_text=name)


async def bring(console: Console, path: Path) -> Locator:
    """Upload a document and watch it until it is read; the answer is its row."""
    await console.open("Documents")
    await console.page.locator("input[type=file]").set_input_files(path)
    row = document(console, path.name)
    await expect(row).to_contain_text("Ready", timeout=60_000)
    return row


def marks(chat: ChatPage) -> Locator:
    """The marks under the last reply."""
    return chat.page.locator(".message.ai:not(#typing)").last.get_by_role("button")


async def passage(chat: ChatPage) -> str:
    """What the last reply's only mark opens; closed again."""
    [mark] = await marks(chat).all()
    await expect(mark).to_have_accessible_name("Source: price_list.pdf page 1")
    await mark.click()
    dialog = chat.page.get_by_role("dialog", name="price_list.pdf")
    await expect(dialog).to_be_in_viewport(ratio=1)
    await expect(dialog).to_contain_text("Price List 2026 › Ways to pay · page 1")
    text = await dialog.get_by_role("blockquote").inner_text()
    await chat.page.keyboard.press("Escape")
    await expect(dialog).to_be_hidden()
    await expect(mark).to_be_focused()
    return text


async def test_from_a_document_to_its_answer_and_back(visit: Visit, console: Console) -> None:
    row = await bring(console, DOCUMENTS / "price_list.pdf")
    await expect(row).to_contain_text("10 passages")

    chat = await visit(f"{console.url}/chat/DEMO")
    assert ANSWER in await chat.ask(QUESTION)
    assert ANSWER in await passage(chat)
    await chat.page.reload()
    await chat.whole_reply(2)
    assert ANSWER in await passage(chat)

    await console.open("Conversations")
    await console.page.get_by_role("link", name="guest").click()
    told = console.page.locator("details.read")
    await told.get_by_text("price_list.pdf · Price List 2026 › Ways to pay · page 1").click()
    await expect(told.get_by_role("blockquote")).to_contain_text(ANSWER)
    await console.open("Documents")

    async with console.page.expect_download() as saved:
        await row.get_by_role("button", name="Download").click()
    download = await saved.value
    assert download.suggested_filename == "price_list.pdf"
    assert filecmp.cmp(await download.path(), DOCUMENTS / "price_list.pdf", shallow=False)

    await console.page.get_by_label("What a lead might ask").fill(QUESTION)
    await console.page.get_by_role("button", name="Look it up").click()
    await expect(console.page.locator("blockquote").first).to_contain_text(ANSWER)

    await row.get_by_role("button", name="Delete").click()
    await console.page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    await expect(row).to_have_count(0)
    reply = await chat.ask(QUESTION)
    assert ANSWER not in reply
    assert "team" in reply
    await expect(marks(chat)).to_have_count(0)

    await console.page.reload()
    await expect(console.page.get_by_text(QUESTION)).to_be_visible()
    await console.page.get_by_role("button", name=f"Dealt with: {QUESTION}").click()
    await expect(console.page.get_by_text(QUESTION)).to_have_count(0)
    await console.page.reload()
    await expect(console.title).to_have_text("Documents")
    await expect(console.page.get_by_text(QUESTION)).to_have_count(0)


async def test_a_file_that_cannot_be_read_says_why(console: Console, tmp_path: Path) -> None:
    torn = tmp_path / "torn.pdf"
    torn.write_bytes((DOCUMENTS / "price_list.pdf").read_bytes()[:400])
    await console.open("Documents")
    await console.page.locator("input[type=file]").set_input_files(torn)
    await expect(document(console, torn.name)).to_contain_text("The PDF is damaged", timeout=60_000)


async def test_a_campaign_is_limited_to_some_documents(console: Console) -> None:
    categories = console.page.get_by_label("Answers only from documents of these categories")
    save = console.page.get_by_role("button", name="Save")
    for given, kept in (("Prices, FAQ ,", "prices, faq"), ("", "")):
        await console.go("campaigns/DEMO/edit")
        await categories.fill(given)
        await save.click()
        await expect(console.notice).to_have_text("Saved.")
        await console.go("campaigns/DEMO/edit")
        await expect(categories).to_have_value(kept)
