"""The console's settings and the page that mailed links lead to, as people use them."""

import email
import re
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import psycopg
import pyotp
import pytest
from playwright.async_api import Page, expect

from tests.web.conftest import Visit
from tests.web.console import EMAIL, PASSWORD, Console
from tests.web.process import ServerProcess, WorkingServerProcess, running

pytestmark = pytest.mark.browser

GUEST, GUESTS_PASSWORD = "guest@example.com", "A-guest-of-9-letters"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the server keeps its files, mails among them."""
    return tmp_path_factory.mktemp("settings")


@pytest.fixture(scope="module")
async def server(make_database: Callable[[], str], folder: Path) -> AsyncIterator[ServerProcess]:
    """The product with its worker and a known owner."""
    settings = {
        "OWNER_EMAIL": EMAIL,
        "OWNER_PASSWORD": PASSWORD,
        "RATE_LIMIT_AUTHENTICATION": "",
        "RATE_LIMIT_AUTHENTICATION_ACCOUNT": "",
    }
    async with running(WorkingServerProcess(make_database(), folder, **settings)) as running_server:
        yield running_server


async def mailed_link(page: Page, folder: Path, address: str) -> str:
    """The link of the newest mail to an address, once it is there."""
    for _ in range(100):
        mails = [email.message_from_bytes(path.read_bytes()) for path in (folder / "data/mail").glob("*.eml")]
        for mail in mails:
            text = mail.get_payload(decode=True)
            if mail["To"] == address and isinstance(text, bytes):
                found = re.search(rb"https?://\S+", text)
                assert found is not None
                return found[0].decode()
        await page.wait_for_timeout(100)
    raise AssertionError(f"no mail to {address}")


async def entered(visit: Visit, server: ServerProcess) -> Console:
    """The console, signed in, at its settings."""
    console = Console((await visit(f"{server.url}/owner")).page, server.url)
    await console.sign_in()
    await console.open("Settings")
    return console


async def test_somebody_is_invited_joins_and_goes(visit: Visit, server: ServerProcess, folder: Path) -> None:
    console = await entered(visit, server)
    page = console.page
    await page.get_by_role("link", name="People").click()
    await page.get_by_label("Email").fill(GUEST)
    await page.get_by_label("As").select_option("analyst")
    await page.get_by_role("button", name="Invite").click()
    await expect(console.notice).to_contain_text(GUEST)
    await expect(page.get_by_role("listitem").filter(has_text=GUEST)).to_contain_text("Analyst")
    assert await console.sideways() == 0

    guest = (await visit(await mailed_link(page, folder, GUEST))).page
    await guest.get_by_role("button", name="Accept").click()
    await guest.get_by_label("Your name").fill("Gwen Guest")
    await guest.get_by_label("New password").fill("short")
    await guest.get_by_role("button", name="Join").click()
    await expect(guest.get_by_role("heading", name="You are invited")).to_be_visible()
    await guest.get_by_label("New password").fill(GUESTS_PASSWORD)
    await guest.get_by_role("button", name="Join").click()
    await expect(guest.get_by_role("heading", name="You are in")).to_be_visible()
    await guest.get_by_role("link", name="Sign in").click()
    await guest.get_by_label("Email").fill(GUEST)
    await guest.get_by_label("Password").fill(GUESTS_PASSWORD)
    await guest.get_by_role("button", name="Sign in").click()
    await expect(guest.locator("h1")).to_have_text("Overview")

    await page.reload()
    member = page.get_by_role("listitem").filter(has_text="Gwen Guest")
    await member.get_by_role("button", name="Deactivate").click()
    await expect(member).to_contain_text("Deactivated")
    await guest.reload()
    await expect(guest.locator("h1")).to_have_text("Sign in")
    await member.get_by_role("button", name="Remove").click()
    await page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    await expect(member).to_have_count(0)


async def test_two_steps_are_set_up_asked_for_and_ended(visit: Visit, server: ServerProcess) -> None:
    console = await entered(visit, server)
    page = console.page
    await page.get_by_role("button", name="Set it up").click()
    secret = pyotp.TOTP(await page.locator(".secret").inner_text())
    assert await page.locator(".qr").evaluate("(image) => image.naturalWidth") > 0
    codes = await page.locator(".codes code").all_inner_texts()
    assert len(codes) == 10
    await page.get_by_label("The code that the app shows now").fill("000000")
    await page.get_by_role("button", name="Turn it on").click()
    await expect(console.faults.filter(has_text="wrong")).to_be_visible()
    await page.get_by_label("The code that the app shows now").fill(secret.at(time.time()))
    await page.get_by_role("button", name="Turn it on").click()
    await expect(console.notice).to_contain_text("two steps from now on")

    await page.get_by_role("button", name="Sign out", exact=True).click()
    await console.sign_in()
    await page.get_by_label("Code of your authenticator app").fill(codes[0])
    await page.get_by_role("button", name="Continue").click()
    await console.open("Settings")
    await page.get_by_label("A code of your app, or a backup code").fill(codes[1])
    await page.get_by_role("button", name="Turn it off").click()
    await expect(page.get_by_role("button", name="Set it up")).to_be_visible()


async def test_a_key_is_shown_once_and_revoked(visit: Visit, server: ServerProcess) -> None:
    console = await entered(visit, server)
    page = console.page
    await page.get_by_role("link", name="API keys").click()
    await page.get_by_label("What it is for").fill("<b>Shop</b>")
    await page.get_by_label("It may").select_option("Send events, and nothing else")
    await page.get_by_role("button", name="Make the key").click()
    key = await page.get_by_label("The key for <b>Shop</b>").input_value()
    await page.reload()
    await expect(page.get_by_text(key)).to_have_count(0)
    made = page.get_by_role("listitem").filter(has_text="<b>Shop</b>")
    await expect(made).to_contain_text("write:events")
    await made.get_by_role("button", name="Revoke").click()
    await page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    await expect(made).to_have_count(0)


async def test_ones_data_can_be_taken_along_and_the_last_admin_stays(
    visit: Visit, server: ServerProcess
) -> None:
    console = await entered(visit, server)
    page = console.page
    await page.get_by_role("link", name="Your data").click()
    async with page.expect_download() as saving:
        await page.get_by_role("button", name="Get a copy").click()
    assert (await (await saving.value).path()).read_bytes()[:2] == b"PK"
    await page.get_by_label("News and offers by mail").check()
    await expect(console.notice).to_have_text("Saved.")
    async with page.expect_download() as saving:
        await page.get_by_role("button", name="Save it as CSV").click()
    assert b"login_success" in (await (await saving.value).path()).read_bytes()
    await page.get_by_role("button", name="Delete my account").click()
    await page.get_by_role("dialog").get_by_role("button", name="Delete it").click()
    await expect(console.faults.filter(has_text="without an admin")).to_be_visible()


async def test_an_owner_forgets_a_lead_who_asks_for_it(visit: Visit, server: ServerProcess) -> None:
    chat = await visit(f"{server.url}/chat/DEMO")
    await chat.name.fill("Lena Lead")
    await chat.ask("I coach runners")
    console = await entered(visit, server)
    page = console.page
    await console.open("Conversations")
    await page.get_by_role("link", name="@lena_lead").click()
    async with page.expect_download() as saving:
        await page.get_by_role("button", name="Save a copy").click()
    assert (await (await saving.value).path()).read_bytes()[:2] == b"PK"
    await page.get_by_role("button", name="Delete it").click()
    await page.get_by_role("dialog").get_by_role("button", name="Delete it").click()
    await expect(console.notice).to_have_text("Nothing of @lena_lead is kept any more.")
    await expect(page.get_by_text("@lena_lead", exact=True)).to_have_count(0)


async def test_who_belongs_to_two_organizations_goes_from_one_to_the_other(
    visit: Visit, server: ServerProcess
) -> None:
    with psycopg.connect(server.conninfo, autocommit=True) as connection:
        connection.execute("insert into organizations (id, name) values ('org_second', 'Second')")
        connection.execute(
            "insert into memberships (organization_id, user_id, role)"
            " select 'org_second', id, 'viewer' from users where email = %s",
            (EMAIL,),
        )
        console = await entered(visit, server)
        await console.page.get_by_label("Work for").select_option("Second")
        await expect(console.notice).to_have_text("You work for Second now.")
        await console.open("Campaigns")
        await expect(console.page.get_by_text("No campaign yet")).to_be_visible()
        await expect(console.page.get_by_role("link", name="New campaign")).to_have_count(0)
        connection.execute("delete from organizations where id = 'org_second'")


async def test_who_has_no_account_yet_makes_one(visit: Visit, server: ServerProcess, folder: Path) -> None:
    page = (await visit(f"{server.url}/owner")).page
    await page.get_by_role("link", name="no account yet").click()
    form = page.locator("form").filter(has_text="Create an account")
    await form.get_by_label("Your name").fill("Nina New")
    await form.get_by_label("Email").fill("nina@example.com")
    await form.get_by_label("New password").fill(GUESTS_PASSWORD)
    await form.get_by_role("button", name="Create account").click()
    await expect(page.get_by_role("heading", name="Look into your mail")).to_be_visible()
    await page.goto(await mailed_link(page, folder, "nina@example.com"))
    await page.get_by_role("button", name="Confirm").click()
    await expect(page.get_by_role("heading", name="Your account is ready")).to_be_visible()


async def test_a_link_that_is_worn_out_says_so(visit: Visit, server: ServerProcess) -> None:
    page = (await visit(f"{server.url}/account#reset={'x' * 43}")).page
    assert page.url == f"{server.url}/account"
    await page.get_by_label("New password").fill(GUESTS_PASSWORD)
    await page.get_by_role("button", name="Set password").click()
    await expect(page.get_by_role("alert")).to_contain_text("too old")
