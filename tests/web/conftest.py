"""A real Chromium, and the real server for it to visit."""

import os
import secrets
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import psycopg
import pytest
from playwright.async_api import Browser, ConsoleMessage, Page, async_playwright, expect
from psycopg import sql

from tests.conftest import TEMPLATE
from tests.standins.openai import OpenAIStandin, openai_standin
from tests.standins.openai_orders import Orders
from tests.web.chat_page import ChatPage
from tests.web.process import ServerProcess, running

PHONE = {"width": 390, "height": 844}
Visit = Callable[..., Awaitable[ChatPage]]

# Reports what the content security policy stopped.
_REPORT = (
    'addEventListener("securitypolicyviolation", (e) => console.error(`policy: ${e.violatedDirective}`))'
)

expect.set_options(timeout=15_000)


@contextmanager
def demo_campaign(
    server: ServerProcess,
    *,
    is_active: bool = True,
    max_uses: int | None = None,
    expires_at: datetime | None = None,
) -> Iterator[None]:
    """Changes how the demo's link stands, for a while."""
    change = "update campaigns set is_active = %s, max_uses = %s, expires_at = %s where code = 'DEMO'"
    with psycopg.connect(server.conninfo, autocommit=True) as connection:
        connection.execute(change, (is_active, max_uses, expires_at))
        try:
            yield
        finally:
            connection.execute(change, (True, None, None))


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Chromium, from ``CHROMIUM`` or the PATH."""
    names = ("chromium", "chromium-browser", "google-chrome")
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    if path is None:
        pytest.skip("no Chromium: put one on the PATH, or its path into CHROMIUM")
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield chromium
        await chromium.close()


@pytest.fixture(scope="session")
def make_database(postgres: str) -> Iterator[Callable[[], str]]:
    """Makes migrated databases: a server takes over what others on its database leave behind."""
    made: list[sql.Identifier] = []
    with psycopg.connect(postgres, autocommit=True) as connection:

        def make() -> str:
            name = f"web_{secrets.token_hex(6)}"
            made.append(sql.Identifier(name))
            template = sql.Identifier(TEMPLATE)
            connection.execute(sql.SQL("create database {} template {}").format(made[-1], template))
            return psycopg.conninfo.make_conninfo(postgres, dbname=name)

        yield make
        for name in made:
            connection.execute(sql.SQL("drop database {} with (force)").format(name))


@pytest.fixture(scope="session")
async def scripted_server(
    make_database: Callable[[], str], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[ServerProcess]:
    """The product on its defaults."""
    async with running(ServerProcess(make_database(), tmp_path_factory.mktemp("scripted"))) as server:
        yield server


@pytest.fixture(scope="session")
async def standin() -> AsyncIterator[OpenAIStandin]:
    """The model that `modelled_server` talks to."""
    async with openai_standin() as standin:
        yield standin


@pytest.fixture
def model(standin: OpenAIStandin) -> Iterator[OpenAIStandin]:
    """The model, without orders yet; it lets go of what it holds in the end."""
    standin.orders = Orders()
    standin.calls.clear()
    yield standin
    standin.release()


@pytest.fixture(scope="session")
async def modelled_server(
    make_database: Callable[[], str], tmp_path_factory: pytest.TempPathFactory, standin: OpenAIStandin
) -> AsyncIterator[ServerProcess]:
    """The product with a model, whose replies can be held in the middle."""
    named = {"OPENAI_API_KEY": "key", "OPENAI_BASE_URL": standin.base_url}
    async with running(ServerProcess(make_database(), tmp_path_factory.mktemp("model"), **named)) as server:
        yield server


@pytest.fixture(scope="session")
async def workbench(browser: Browser, scripted_server: ServerProcess) -> AsyncIterator[Page]:
    """A page whose modules can be imported and tried one by one; nothing is to change it."""
    page = await browser.new_page(locale="en-US")
    await page.goto(f"{scripted_server.url}/chat/DEMO")
    yield page
    await page.close()


@pytest.fixture
async def visit(browser: Browser) -> AsyncIterator[Visit]:
    """Opens an address in a new browser, a phone's unless told otherwise; none may complain."""
    complaints: list[str] = []
    contexts = []

    def hear(message: ConsoleMessage) -> None:
        if message.type == "error" and "Failed to load resource" not in message.text:
            complaints.append(message.text)

    async def open_page(address: str, **options: Any) -> ChatPage:
        context = await browser.new_context(**{"viewport": PHONE, "locale": "en-US", **options})
        contexts.append(context)
        await context.add_init_script(_REPORT)
        page = await context.new_page()
        page.on("console", hear)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        await page.goto(address)
        return ChatPage(page)

    yield open_page
    for context in contexts:
        await context.close()
    assert complaints == []
