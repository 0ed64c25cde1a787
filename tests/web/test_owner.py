"""The owner's console in a real browser, against the real server."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from playwright.async_api import expect

from tests.web.conftest import Visit
from tests.web.console import EMAIL, PASSWORD, Console
from tests.web.process import ServerProcess, running

pytestmark = pytest.mark.browser

SignedIn = Callable[..., Awaitable[Console]]
MARKUP = "<img src=x onerror=alert(1)> Ads"
_CHANGE_TOKENS = """
(change) => {
  const kept = JSON.parse(sessionStorage.getItem("limitless.owner"));
  sessionStorage.setItem("limitless.owner", JSON.stringify({ ...kept, ...change }));
}
"""
_CONTRAST = Path(__file__).with_name("contrast.js").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
async def owned_server(
    make_database: Callable[[], str], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[ServerProcess]:
    """The product with a known owner, who may sign in as often as there are tests."""
    settings = {
        "OWNER_EMAIL": EMAIL,
        "OWNER_PASSWORD": PASSWORD,
        "RATE_LIMIT_AUTHENTICATION": "",
        "RATE_LIMIT_AUTHENTICATION_ACCOUNT": "",
        "RATE_LIMIT_CAMPAIGNS": "",
        "RATE_LIMIT_DOCUMENTS_UPLOAD": "",
    }
    async with running(
        ServerProcess(make_database(), tmp_path_factory.mktemp("owned"), **settings)
    ) as server:
        yield server


@pytest.fixture
async def arrive(visit: Visit, owned_server: ServerProcess) -> SignedIn:
    """Opens the console's first page; options are the browser's."""

    async def open_console(**options: Any) -> Console:
        return Console((await visit(f"{owned_server.url}/owner", **options)).page, owned_server.url)

    return open_console


@pytest.fixture
async def enter(arrive: SignedIn) -> SignedIn:
    """Opens the console and signs in."""

    async def signed_in(**options: Any) -> Console:
        console = await arrive(**options)
        await console.sign_in()
        await expect(console.title).to_have_text("Overview")
        return console

    return signed_in


async def test_a_wrong_password_is_refused_and_the_right_one_opens(arrive: SignedIn) -> None:
    console = await arrive()
    await console.sign_in("Wrong-Horse-7")
    await expect(console.faults).not_to_be_empty()
    await expect(console.page.get_by_role("navigation")).to_be_hidden()
    await console.sign_in()
    await expect(console.title).to_have_text("Overview")
    await expect(console.page.get_by_text("Started to talk")).to_be_visible()
    await console.page.reload()
    await expect(console.title).to_have_text("Overview")
    await console.page.get_by_role("button", name="Sign out").click()
    await expect(console.title).to_have_text("Sign in")
    await console.page.reload()
    await expect(console.title).to_have_text("Sign in")


async def test_an_access_token_that_is_over_is_renewed(enter: SignedIn) -> None:
    console = await enter()
    await console.page.evaluate(_CHANGE_TOKENS, {"access_token": "over"})
    await console.page.reload()
    await expect(console.title).to_have_text("Overview")


async def test_a_session_that_is_over_asks_to_sign_in_again(
    enter: SignedIn, owned_server: ServerProcess
) -> None:
    console = await enter()
    await console.page.evaluate(_CHANGE_TOKENS, {"access_token": "over", "refresh_token": "over"})
    await console.page.reload()
    await expect(console.title).to_have_text("Sign in")
    await expect(console.faults).to_have_text("Your session is over. Please sign in again.")


async def test_a_campaign_from_its_name_to_its_link(enter: SignedIn) -> None:
    console = await enter()
    page = console.page
    await console.open("Campaigns")
    await page.get_by_role("link", name="New campaign").click()
    await page.get_by_label("Your own word in the link").fill("no way")
    await page.get_by_role("button", name="Create campaign").click()
    await expect(page.get_by_label("Name")).to_be_focused()
    await expect(page.locator(".field .fault:not(:empty)")).to_have_count(2)

    await page.get_by_label("Name").fill(MARKUP)
    await page.get_by_label("Your own word in the link").fill("summer-sale")
    await page.get_by_label("Conversations at most").fill("40")
    await page.get_by_label("Ends").fill("2099-12-31T20:00")
    await page.get_by_role("button", name="Create campaign").click()
    await expect(console.title).to_have_text(MARKUP)
    link = page.get_by_label("Link for your ad, bio or story")
    await expect(link).to_have_value(f"{console.url}/chat/SUMMER-SALE")
    code = page.get_by_role("img", name=f"QR code of the link of {MARKUP}")
    await expect(code).to_have_js_property("complete", True)
    assert await code.evaluate("(image) => image.naturalWidth") > 0
    await expect(page.get_by_text("40 conversations")).to_be_visible()
    await expect(page.get_by_text("Dec 31, 2099")).to_be_visible()
    await page.get_by_role("button", name="Copy link").click()
    await expect(console.notice).to_have_text("Link copied.")

    await page.get_by_role("link", name="Edit").click()
    await expect(page.get_by_label("Ends")).to_have_value("2099-12-31T20:00")
    await page.get_by_label("Name").fill("Summer")
    await page.get_by_label("Conversations at most").fill("")
    async with page.expect_request(lambda r: r.method == "PATCH") as sent:
        await page.get_by_role("button", name="Save").click()
    assert json.loads((await sent.value).post_data or "") == {"name": "Summer", "max_uses": None}
    await expect(console.title).to_have_text("Summer")
    await expect(page.get_by_text("no limit")).to_be_visible()


async def test_a_pause_closes_the_link_until_it_is_resumed(enter: SignedIn, visit: Visit) -> None:
    console = await enter()
    await console.go("campaigns/DEMO")
    await console.page.get_by_role("button", name="Pause").click()
    await expect(console.page.get_by_text("Paused", exact=True)).to_be_visible()
    lead = (await visit(f"{console.url}/chat/DEMO")).page
    await expect(lead.locator("h1")).to_have_text("This chat is taking a break")
    await console.page.get_by_role("button", name="Resume").click()
    await expect(console.page.get_by_text("Open", exact=True)).to_be_visible()
    await lead.reload()
    await expect(lead.get_by_role("log")).to_be_visible()


async def test_a_conversation_can_be_read_right_after_it_was_held(enter: SignedIn, visit: Visit) -> None:
    console = await enter()
    chat = await visit(f"{console.url}/chat/DEMO")
    await chat.name.fill("Anna Reads")
    said = await chat.ask("Yes, I'm a <b>fitness</b> coach")
    await console.open("Conversations")
    await console.page.get_by_label("Stage").select_option("Getting to know")
    await console.page.get_by_role("link", name="@anna_reads").click()
    await expect(console.title).to_have_text("@anna_reads")
    transcript = console.page.get_by_role("region", name="Transcript")
    await expect(transcript.locator(".human .text")).to_have_text("Yes, I'm a <b>fitness</b> coach")
    await expect(transcript.locator(".ai .text").last).to_have_text(said, use_inner_text=True)
    await expect(transcript).to_contain_text("scripted from the playbook")
    learned = console.page.locator("aside")
    await expect(learned).to_contain_text("Coaching area")
    await expect(learned).to_contain_text("fitness")

    await console.go("conversations?stage=converted")
    await expect(console.page.get_by_text("Nobody here.")).to_be_visible()


async def test_the_playbooks_new_opening_is_on_the_chat_page(enter: SignedIn, visit: Visit) -> None:
    console = await enter()
    page = console.page
    await console.open("Playbook")
    opening = page.get_by_label("Opening message")
    before = await opening.input_value()
    await opening.fill("  ")
    await page.get_by_role("button", name="Save").click()
    await expect(opening).to_be_focused()
    await expect(opening).to_have_attribute("aria-invalid", "true")
    await expect(console.faults).to_contain_text("Not saved")

    await opening.fill("Hi! Which kind of coach are you?")
    await page.get_by_role("button", name="Save").click()
    await expect(console.notice).to_contain_text("Saved")
    await expect(console.faults).to_have_count(0)
    chat = await visit(f"{console.url}/chat/DEMO")
    await expect(chat.replies).to_have_text(["Hi! Which kind of coach are you?"])
    await opening.fill(before)
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("Version 3,")).to_be_visible()


async def test_prices_are_written_as_people_say_them(enter: SignedIn) -> None:
    console = await enter()
    page = console.page
    await console.open("Playbook")
    offers = console.section("Offers and prices")
    await offers.locator("summary").first.click()
    await offers.get_by_text("Client Engine Program · $497").click()
    price = offers.get_by_label("Price").nth(1)
    await expect(price).to_have_value("497")
    await price.fill("549.90")
    await expect(offers.get_by_text("Client Engine Program · $549.90")).to_be_visible()

    await offers.get_by_role("button", name="Add an offer").click()
    await expect(offers.get_by_label("Name").last).to_be_focused()
    await page.keyboard.type("Tee")
    await page.get_by_role("button", name="Save").click()
    await expect(offers.get_by_label("Price").last).to_have_attribute("aria-invalid", "true")
    await offers.get_by_label("Price").last.fill("1200")
    await offers.get_by_label("Currency").last.select_option("JPY")
    await offers.get_by_label("What is in it").last.fill("A shirt.")
    await offers.get_by_label("Ideal for").last.fill("everybody")
    async with page.expect_response("**/api/playbook") as answered:
        await page.get_by_role("button", name="Save").click()
    kept = (await (await answered.value).json())["playbook"]["offers"]
    assert [(one["price"], one["currency"]) for one in kept] == [
        (9700, "USD"),
        (54990, "USD"),
        (199700, "USD"),
        (1200, "JPY"),
    ]

    await offers.get_by_role("button", name="Remove: Tee · ¥1,200").click()
    await expect(offers.locator(".entry")).to_have_count(3)


async def test_saving_untouched_changes_nothing(enter: SignedIn) -> None:
    console = await enter()
    async with console.page.expect_response("**/api/playbook") as read:
        await console.open("Playbook")
    before = (await (await read.value).json())["playbook"]
    async with console.page.expect_request(
        lambda r: r.method == "PUT" and r.url.endswith("/api/playbook")
    ) as sent:
        await console.page.get_by_role("button", name="Save").click()
    assert json.loads((await sent.value).post_data or "") == before


async def test_unsaved_changes_are_asked_about(enter: SignedIn) -> None:
    console = await enter()
    asked: list[str] = []

    async def stay(dialog: Any) -> None:
        asked.append(dialog.message)
        await dialog.dismiss()

    console.page.on("dialog", stay)
    await console.open("Playbook")
    await console.page.get_by_label("Opening message").fill("Half a thought")
    await console.page.get_by_role("navigation").get_by_role("link", name="Campaigns").click()
    await expect(console.page.get_by_label("Opening message")).to_have_value("Half a thought")
    assert asked == ["Leave without saving your changes to the playbook?"]


async def test_a_viewer_reads_and_changes_nothing(arrive: SignedIn, owned_server: ServerProcess) -> None:
    with psycopg.connect(owned_server.conninfo, autocommit=True) as connection:
        connection.execute("update memberships set role = 'viewer'")
        try:
            console = await arrive()
            await console.sign_in()
            await console.open("Playbook")
            await expect(console.page.get_by_label("Opening message")).to_be_disabled()
            await expect(console.page.get_by_role("button", name="Save")).to_have_count(0)
            await console.open("Campaigns")
            await expect(console.page.get_by_role("link", name="New campaign")).to_have_count(0)
        finally:
            connection.execute("update memberships set role = 'admin'")


async def test_a_document_is_watched_until_it_is_read(enter: SignedIn, owned_server: ServerProcess) -> None:
    console = await enter()
    page = console.page
    await console.open("Documents")
    await expect(page.get_by_text("No documents yet.")).to_be_visible()
    await page.get_by_label("Category").fill("Prices")
    sent: Any = {
        "name": "<i>prices.md",
        "mimeType": "text/markdown",
        "buffer": b"# Prices\n\n97 dollars.",
    }
    await page.locator("input[type=file]").set_input_files([sent, {**sent, "name": "again.md"}])
    await expect(console.notice).to_have_text("This file is here already.")
    only = page.get_by_role("list", name="Documents").get_by_role("listitem")
    await expect(only).to_contain_text("<i>prices.md")
    await expect(only).to_contain_text("Waiting")
    await expect(only).to_contain_text("prices ·")

    with psycopg.connect(owned_server.conninfo, autocommit=True) as connection:
        connection.execute(
            "update documents set status = 'failed', failure_code = 'BROKEN', failure_reason = 'It is torn.'"
        )
        await expect(only).to_contain_text("It is torn.")
        await only.get_by_role("button", name="Try again").click()
        await expect(only).to_contain_text("Waiting")
        connection.execute("update documents set status = 'completed', total_chunks = 2")
        await expect(only).to_contain_text("2 passages")

    await only.get_by_role("button", name="Delete").click()
    await page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    await expect(only).to_have_count(1)
    await only.get_by_role("button", name="Delete").click()
    await page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    await expect(page.get_by_text("No documents yet.")).to_be_visible()


async def test_a_file_of_another_kind_is_refused_by_its_name(enter: SignedIn) -> None:
    console = await enter()
    await console.open("Documents")
    picture: Any = {"name": "photo.pdf", "mimeType": "application/pdf", "buffer": b"\x89PNG\r\n\x1a\n"}
    await console.page.locator("input[type=file]").set_input_files(picture)
    await expect(console.faults).to_contain_text("photo.pdf: ")


async def test_figures_are_drawn_and_can_be_read_without_eyes(enter: SignedIn) -> None:
    console = await enter()
    await console.page.evaluate(
        """async () => {
          const { bars, funnel, timeline } = await import("/static/owner/charts.js");
          const days = [
            { date: "2025-01-15", clicks: 20, conversions: 1 },
            { date: "2025-01-16", clicks: 1025 },
          ];
          document.getElementById("content").replaceChildren(
            funnel([["Came", 1025], ["Paid", 41]]),
            timeline(days, [["clicks", "Clicks"], ["conversions", "Paid"]]),
            bars([["Price", 3], ["Time", 0]]),
          );
        }"""
    )
    steps = console.page.locator(".funnel li")
    await expect(steps.nth(0)).to_have_text("Came1,025")
    await expect(steps.nth(1)).to_have_text("Paid 4% of them41")
    full = steps.nth(1).locator("rect")
    assert await full.get_attribute("width") == "4"
    rows = console.page.get_by_role("table", name="Day by day").get_by_role("row")
    assert await rows.all_inner_texts() == ["Day\tClicks\tPaid", "Jan 15\t20\t1", "Jan 16\t1,025\t0"]
    await expect(console.page.locator(".drawn path")).to_have_count(2)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
async def test_every_view_fits_and_can_be_read(enter: SignedIn, width: int, scheme: str) -> None:
    console = await enter(viewport={"width": width, "height": 844}, color_scheme=scheme)
    for view in (
        "overview",
        "campaigns",
        "campaigns/DEMO",
        "campaigns/new",
        "campaigns/DEMO/edit",
        "conversations",
        "playbook",
        "documents",
    ):
        await console.go(view)
        await expect(console.page.locator("#content[aria-busy]")).to_have_count(0)
        await console.page.locator("details").evaluate_all("(all) => all.forEach((one) => (one.open = true))")
        assert await console.sideways() == 0, view
        for words in ("h1", ".soft", ".hint", ".badge", ".button", "nav a", "label"):
            for shown in (await console.page.locator(f"{words}:visible").all())[:3]:
                ratio = await shown.evaluate(_CONTRAST)
                assert ratio >= 4.5, f"{view} {words}: {ratio:.2f}"


async def test_by_keyboard_alone(enter: SignedIn) -> None:
    console = await enter(viewport={"width": 1280, "height": 800})
    page = console.page
    await expect(console.title).to_be_focused()
    await page.get_by_role("link", name="Go to the content").focus()
    await page.keyboard.press("Tab")
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("link", name="Campaigns", exact=True)).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(console.title).to_have_text("Campaigns")
    await expect(console.title).to_be_focused()
    await expect(page.get_by_role("link", name="Campaigns", exact=True)).to_have_attribute(
        "aria-current", "page"
    )
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(console.title).to_have_text("New campaign")


async def test_the_page_holds_its_policy(visit: Visit, owned_server: ServerProcess) -> None:
    page = (await visit("about:blank")).page
    response = await page.goto(f"{owned_server.url}/owner")
    assert response is not None
    policy = response.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
