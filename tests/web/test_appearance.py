"""What the page looks like, and how it is used without a mouse."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.web.conftest import Visit, demo_campaign
from tests.web.process import ServerProcess

pytestmark = pytest.mark.browser

LONG = "https://example.com/" + "x" * 300 + " " + "Donaudampfschifffahrtsgesellschaft" * 4

# The contrast of a text with the first opaque background behind it, as WCAG counts it.
_CONTRAST = Path(__file__).with_name("contrast.js").read_text(encoding="utf-8")


async def _sideways(page: Page) -> int:
    """How far the page, or the conversation in it, can be scrolled sideways."""
    room: int = await page.evaluate(
        "() => Math.max(...[document.documentElement, document.getElementById('log')]"
        ".map((e) => e.scrollWidth - e.clientWidth))"
    )
    return room


@pytest.mark.parametrize(("width", "height"), [(320, 568), (390, 844), (844, 390), (1280, 800)])
async def test_fits_every_width(
    visit: Visit, scripted_server: ServerProcess, width: int, height: int
) -> None:
    viewport = {"width": width, "height": height}
    chat = await visit(f"{scripted_server.url}/chat/DEMO", viewport=viewport)
    assert await _sideways(chat.page) == 0
    await chat.ask(LONG)
    assert await _sideways(chat.page) == 0
    await expect(chat.text).to_be_in_viewport(ratio=1)
    await expect(chat.send).to_be_in_viewport(ratio=1)
    await expect(chat.replies.last).to_be_in_viewport()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_contrast_is_enough_to_read(visit: Visit, scripted_server: ServerProcess, scheme: str) -> None:
    chat = await visit(f"{scripted_server.url}/chat/DEMO", color_scheme=scheme)
    await chat.ask("Look at https://example.com please")
    for words in ("h1", ".kind", ".welcome p", ".ai .text", ".human .text", ".bubble a"):
        ratio = await chat.page.locator(words).first.evaluate(_CONTRAST)
        assert ratio >= 4.5, f"{words}: {ratio:.2f}"


async def test_by_keyboard_alone(visit: Visit, scripted_server: ServerProcess) -> None:
    chat = await visit(f"{scripted_server.url}/chat/DEMO")
    keyboard = chat.page.keyboard
    await expect(chat.text).to_be_focused()
    await keyboard.press("Shift+Tab")
    await expect(chat.page.get_by_role("button", name="Continue without a name")).to_be_focused()
    await keyboard.press("Shift+Tab")
    await expect(chat.name).to_be_focused()
    await keyboard.type("Anna Müller")
    await keyboard.press("Enter")
    await expect(chat.text).to_be_focused()

    await keyboard.type("Yes,")
    await keyboard.press("Shift+Enter")
    await keyboard.type("fitness")
    async with chat.page.expect_request("**/api/chat/stream") as sent:
        await keyboard.press("Enter")
    body: dict[str, Any] = json.loads((await sent.value).post_data or "")
    assert body["message"] == "Yes,\nfitness"
    assert body["instagram_handle"] == "anna_muller"
    await chat.whole_reply(2)
    await expect(chat.text).to_be_focused()
    await expect(chat.text).to_have_value("")
    await keyboard.press("Shift+Tab")
    await expect(chat.page.get_by_role("log", name="Conversation")).to_be_focused()


async def test_what_a_screen_reader_hears(visit: Visit, scripted_server: ServerProcess) -> None:
    chat = await visit(f"{scripted_server.url}/chat/DEMO")
    log = chat.page.get_by_role("log", name="Conversation")
    await expect(log).to_have_attribute("aria-live", "polite")
    said = await chat.ask("Yes, I'm a fitness coach")
    agent = await chat.page.get_by_role("heading", level=1).inner_text()
    heard = " ".join((await log.inner_text()).split())
    assert f"You: Yes, I'm a fitness coach {agent}: {' '.join(said.split())}" in heard


async def test_a_message_that_is_too_long_cannot_be_sent(
    visit: Visit, scripted_server: ServerProcess
) -> None:
    chat = await visit(f"{scripted_server.url}/chat/DEMO")
    await chat.text.fill("é" * 3000)
    await expect(chat.page.locator("#count")).to_be_empty()
    await chat.text.fill("🙂" * 3990)
    await expect(chat.page.locator("#count")).to_have_text("10 left")
    await chat.text.fill("🙂" * 4001)
    await expect(chat.page.locator("#count")).to_have_text("1 too many")
    await expect(chat.send).to_be_disabled()
    await chat.text.press("Enter")
    await expect(chat.mine).to_have_count(0)
    await chat.text.fill("   ")
    await expect(chat.send).to_be_disabled()


async def test_the_newest_message_stays_in_sight_unless_one_reads_above(
    visit: Visit, scripted_server: ServerProcess
) -> None:
    chat = await visit(f"{scripted_server.url}/chat/DEMO", viewport={"width": 390, "height": 500})
    for text in ("Yes, fitness", "What is this?", "Is it a bot?", "Too expensive for me"):
        await chat.ask(text)
    await expect(chat.replies.last).to_be_in_viewport()
    latest = chat.page.get_by_role("button", name="Go to the latest message")
    await expect(latest).to_be_hidden()
    await chat.page.locator("#log").evaluate("(log) => (log.scrollTop = 0)")
    await expect(latest).to_be_visible()
    await latest.click()
    await expect(chat.replies.last).to_be_in_viewport()
    await expect(latest).to_be_hidden()


@pytest.mark.parametrize(
    ("locale", "written", "about"),
    [
        ("de-DE", "Nachricht schreiben", "Du chattest mit einem KI-Assistenten."),
        ("es-MX", "Escribe un mensaje", "Estás hablando con un asistente de IA."),
        ("fr-FR", "Écrire un message", "Vous discutez avec un assistant IA."),
        ("ja-JP", "Write a message", "You’re chatting with an AI assistant."),
    ],
)
async def test_the_page_speaks_the_browsers_language(
    visit: Visit, scripted_server: ServerProcess, locale: str, written: str, about: str
) -> None:
    chat = await visit(f"{scripted_server.url}/chat/DEMO", locale=locale)
    await expect(chat.page.get_by_role("textbox", name=written)).to_be_visible()
    await expect(chat.page.get_by_text(about)).to_be_visible()


async def test_a_right_to_left_message_reads_from_the_right(
    visit: Visit, scripted_server: ServerProcess
) -> None:
    chat = await visit(f"{scripted_server.url}/chat/DEMO")
    await chat.ask("مرحبا، أنا مدرب لياقة")
    assert await chat.mine.evaluate("(text) => getComputedStyle(text).direction") == "rtl"
    assert await chat.replies.first.evaluate("(text) => getComputedStyle(text).direction") == "ltr"


async def test_a_link_that_leads_nowhere(visit: Visit, scripted_server: ServerProcess) -> None:
    chat = await visit(f"{scripted_server.url}/chat/NOSUCH")
    await expect(chat.page.get_by_role("heading", level=1)).to_have_text("This link leads nowhere")
    await expect(chat.text).to_have_count(0)


@pytest.mark.parametrize(
    ("standing", "title", "status"),
    [
        ({"expires_at": datetime(2020, 1, 1, tzinfo=UTC)}, "This link has expired", 410),
        ({"max_uses": 1}, "This chat is full", 429),
        ({"is_active": False}, "This chat is taking a break", 410),
    ],
)
async def test_a_link_that_is_closed_says_why(
    visit: Visit,
    scripted_server: ServerProcess,
    standing: dict[str, Any],
    title: str,
    status: int,
) -> None:
    await (await visit(f"{scripted_server.url}/chat/DEMO")).ask("Somebody was here before.")
    chat = await visit("about:blank")
    with demo_campaign(scripted_server, **standing):
        response = await chat.page.goto(f"{scripted_server.url}/chat/DEMO")
    assert response is not None
    assert response.status == status
    await expect(chat.page.get_by_role("heading", level=1)).to_have_text(title)
