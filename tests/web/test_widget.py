"""The chat as a bubble on somebody else's website: another site, with a policy of its own."""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import psycopg
import pytest
from aiohttp import web
from playwright.async_api import FrameLocator, Page, expect

from tests.web.conftest import PHONE, Visit
from tests.web.process import ServerProcess

pytestmark = pytest.mark.browser

DESK = {"width": 1280, "height": 800}
_PAGE = """<!doctype html><html lang="en"><title>A shop</title>
<meta name="viewport" content="width=device-width">
<h1>A shop</h1>
<p><a href="#">A link of the shop</a></p>
<script src="{home}/widget.js" data-campaign="demo" async></script>"""


@pytest.fixture(scope="module")
async def shop(scripted_server: ServerProcess) -> AsyncIterator[str]:
    """A website that lets scripts and frames of ours in, and no style that is not its own."""
    home = scripted_server.url
    policy = f"default-src 'self'; script-src {home}; connect-src {home}; frame-src {home}; style-src 'self'"

    async def page(_: web.Request) -> web.Response:
        return web.Response(
            text=_PAGE.format(home=home),
            content_type="text/html",
            headers={"content-security-policy": policy},
        )

    app = web.Application()
    app.router.add_get("/", page)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    # 127.0.0.1 is another site than the localhost that the server is visited at: no cookie crosses over.
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


@contextmanager
def allowed(server: ServerProcess, *origins: str) -> Iterator[None]:
    change = "update campaigns set allowed_origins = %s, is_active = %s where code = 'DEMO'"
    with psycopg.connect(server.conninfo, autocommit=True) as connection:
        connection.execute(change, (list(origins), True))
        try:
            yield
        finally:
            connection.execute(change, ([], True))


def _chat(page: Page) -> FrameLocator:
    return page.frame_locator("limitless-chat iframe")


async def _ask(page: Page, text: str, replies: int) -> None:
    chat = _chat(page)
    box = chat.get_by_role("textbox", name="Write a message")
    await box.fill(text)
    await expect(chat.get_by_role("button", name="Send")).to_be_enabled()  # its scripts are there
    await box.press("Enter")
    await expect(chat.locator(".message.ai:not(#typing)")).to_have_count(replies)
    await expect(chat.locator("[aria-busy=true]")).to_have_count(0)


async def test_a_conversation_in_the_bubble(visit: Visit, scripted_server: ServerProcess, shop: str) -> None:
    with allowed(scripted_server, shop):
        page = (await visit(f"{shop}/?utm_source=shop&secret=1", viewport=DESK)).page
        bubble = page.get_by_role("button", name="Chat with")
        await expect(bubble).to_have_attribute("aria-expanded", "false")
        await bubble.click()
        await expect(_chat(page).locator("#opening")).to_be_visible()
        assert "utm_source=shop" in page.frames[1].url
        assert "secret" not in page.frames[1].url
        await _ask(page, "Yes, I'm a fitness coach", 2)
        await _ask(page, "Strength coaching for busy dads", 3)
        assert not await page.context.cookies(scripted_server.url)

        await page.reload()
        await page.get_by_role("button", name="Chat with").click()
        await expect(_chat(page).locator(".message.human .text")).to_have_text(
            ["Yes, I'm a fitness coach", "Strength coaching for busy dads"]
        )
    with psycopg.connect(scripted_server.conninfo) as connection:
        row = connection.execute(
            "select count(*), min(source ->> 'utm_source') from conversations"
            " where id in (select conversation_id from messages where content like 'Strength coaching for%')"
        ).fetchone()
    assert row == (1, "shop")


async def test_by_keyboard_alone(visit: Visit, scripted_server: ServerProcess, shop: str) -> None:
    with allowed(scripted_server, shop):
        page = (await visit(shop, viewport=DESK)).page
        bubble = page.get_by_role("button", name="Chat with")
        await expect(bubble).to_be_visible()
        await page.get_by_role("link").focus()
        await page.keyboard.press("Tab")
        await expect(bubble).to_be_focused()
        await page.keyboard.press("Enter")
        box = _chat(page).get_by_role("textbox", name="Write a message")
        await expect(box).to_be_focused()
        await page.keyboard.type("Hi")
        await expect(box).to_have_value("Hi")
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("dialog")).to_be_hidden()
        await expect(bubble).to_be_focused()


async def test_on_a_phone_it_covers_the_page(visit: Visit, scripted_server: ServerProcess, shop: str) -> None:
    with allowed(scripted_server, shop):
        page = (await visit(shop, has_touch=True, is_mobile=True)).page
        await page.get_by_role("button", name="Chat with").tap()
        dialog = page.get_by_role("dialog")
        await expect(dialog).to_have_attribute("aria-modal", "true")
        assert await dialog.bounding_box() == {"x": 0, "y": 0, **PHONE}
        await expect(page.locator("html")).to_have_css("overflow", "hidden")
        await page.get_by_role("button", name="Close").tap()
        await expect(dialog).to_be_hidden()
        await expect(page.locator("html")).to_have_css("overflow", "visible")


@pytest.mark.parametrize("allowed_origins", [(), ("https://elsewhere.example.com",)])
async def test_no_bubble_where_it_is_not_allowed(
    visit: Visit, scripted_server: ServerProcess, shop: str, allowed_origins: tuple[str, ...]
) -> None:
    with allowed(scripted_server, *allowed_origins):
        page = (await visit("about:blank", viewport=DESK)).page
        async with page.expect_console_message(lambda m: "does not allow the website" in m.text) as told:
            await page.goto(shop)
        assert (await told.value).type == "warning"
        await expect(page.locator("limitless-chat")).to_have_count(0)


async def test_a_frame_made_by_hand_is_refused(
    scripted_server: ServerProcess, shop: str, visit: Visit
) -> None:
    """Whoever does not ask first is stopped by the page's policy: the frame stays empty."""
    with allowed(scripted_server):
        page = await (await visit("about:blank")).context.new_page()
        await page.goto(shop)
        for path in ("embed/DEMO", "chat/DEMO"):
            refused = page.wait_for_event("requestfailed", lambda r: r.is_navigation_request())
            await page.evaluate(
                "(src) => document.body.append(Object.assign(document.createElement('iframe'), { src }))",
                f"{scripted_server.url}/{path}",
            )
            await refused
