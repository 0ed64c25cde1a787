"""The page's modules, one by one, in the browser that runs them."""

from typing import Any

import pytest
from playwright.async_api import Page

from tests.web.conftest import Visit
from tests.web.process import ServerProcess

pytestmark = pytest.mark.browser

STREAM = (
    ": hello\n\n"
    'id: 1-1-4\nevent: message\ndata: {"type": "token", "content": "Hé🙂\u2028"}\n\n'
    "event: message\r\ndata:\r\ndata: [1,\r\ndata: 2]\r\n\r\n"
    'event: done\rid: 1-1-5\rretry: 5\rdata: {"type": "complete"}\r\r'
    "event: empty\n\n"
    'data: {"cut": true}\n'
)
EVENTS = [
    {"type": "message", "id": "1-1-4", "data": {"type": "token", "content": "Hé🙂\u2028"}},
    {"type": "message", "id": "1-1-4", "data": [1, 2]},
    {"type": "done", "id": "1-1-5", "data": {"type": "complete"}},
]


async def call(workbench: Page, module: str, name: str, *arguments: object) -> Any:
    """What an exported function of a module returns."""
    return await workbench.evaluate(
        "async ([module, name, given]) => (await import(`/static/${module}`))[name](...given)",
        [module, name, list(arguments)],
    )


async def test_events_are_read_wherever_the_stream_is_cut(workbench: Page) -> None:
    read = await workbench.evaluate(
        """async (text) => {
          const { EventParser } = await import("/static/stream.js");
          const cuts = [...Array(text.length + 1).keys()].map((at) => [text.slice(0, at), text.slice(at)]);
          return [[...text], ...cuts].map((pieces) => {
            const parser = new EventParser();
            return pieces.flatMap((piece) => [...parser.push(piece)]);
          });
        }""",
        STREAM,
    )
    assert len(read) > len(STREAM)
    assert all(events == EVENTS for events in read)


@pytest.mark.parametrize(
    ("name", "handle"),
    [
        ("@FitCoach_Mike", "fitcoach_mike"),
        ("  Anna  Müller ", "anna_muller"),
        ("Strauß", "strauss"),
        ("o'brien!", "obrien"),
        ("王", ""),
        ("", ""),
        ("x" * 50, "x" * 30),
    ],
)
async def test_a_name_becomes_a_handle_that_the_server_takes(workbench: Page, name: str, handle: str) -> None:
    assert await call(workbench, "text.js", "handleFrom", name) == handle


@pytest.mark.parametrize(
    ("address", "safe"),
    [
        ("https://example.com/x", "https://example.com/x"),
        ("javascript:alert(1)", None),
        ("data:text/html,x", None),
        ("nonsense", None),
    ],
)
async def test_only_web_addresses_are_led_to(workbench: Page, address: str, safe: str | None) -> None:
    assert await call(workbench, "text.js", "safeAddress", address) == safe


@pytest.mark.parametrize(
    ("amount", "currency", "written"),
    [(49700, "USD", "$497"), (4995, "EUR", "€49.95"), (5000, "JPY", "¥5,000"), (0, "GBP", "£0")],
)
async def test_amounts_are_in_minor_units(workbench: Page, amount: int, currency: str, written: str) -> None:
    assert await call(workbench, "text.js", "money", amount, currency) == written


async def test_ids_are_uuids_and_differ(workbench: Page) -> None:
    made = await workbench.evaluate(
        "async () => { const { uuid } = await import('/static/text.js'); return [...Array(50)].map(uuid); }"
    )
    assert len(set(made)) == 50
    assert all(len(one) == 36 and one[14] == "4" and one[19] in "89ab" for one in made)


async def test_a_checkout_is_a_button_with_its_price(visit: Visit, scripted_server: ServerProcess) -> None:
    chat = await visit(f"{scripted_server.url}/chat/DEMO")
    await chat.page.evaluate(
        """async () => {
          const { View } = await import("/static/view.js");
          const view = new View(JSON.parse(document.body.dataset.strings), "Mia");
          const offer = { offer_id: "option2", name: "The <b>Program</b>", amount: 49700, currency: "USD" };
          const entry = { role: "ai", text: "Here it is.", state: "done" };
          view.show({ typing: false, entries: [
            { ...entry, key: "a", checkout: { ...offer, url: "https://checkout.example/c/1" } },
            { ...entry, key: "b", checkout: { ...offer, url: "javascript:alert(1)" } },
          ] });
        }"""
    )
    button = chat.page.get_by_role("link", name="Continue to checkout")
    assert await button.get_attribute("href") == "https://checkout.example/c/1"
    assert "The <b>Program</b>" in await button.inner_text()
    assert "$497" in await button.inner_text()
