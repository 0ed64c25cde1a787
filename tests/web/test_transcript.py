"""What the page makes of events and of the server's transcript, in the browser that runs it."""

from typing import Any

import pytest
from playwright.async_api import Page

from tests.web.conftest import Visit
from tests.web.process import ServerProcess

pytestmark = pytest.mark.browser

Told = tuple[list[int], str, dict[str, Any]]

_HEARD = """
async ([events, messages, running]) => {
  const { Transcript } = await import("/static/transcript.js");
  const transcript = new Transcript("Welcome!");
  transcript.add({ id: "m-1", text: "Hello", at: 0 });
  for (const [place, type, data] of events) transcript.hear(place, type, data);
  if (messages) transcript.adopt(messages, running);
  return transcript.entries.map(({ key, text, state }) => [key, text, state]);
}
"""


def token(turn: int, attempt: int, position: int, content: str) -> Told:
    """A token event that ends at a position."""
    return [turn, attempt, position], "message", {"type": "token", "content": content}


def done(turn: int, attempt: int, position: int) -> Told:
    """The end of a turn."""
    return [turn, attempt, position], "done", {"type": "complete"}


async def heard(workbench: Page, *events: Told) -> list[Any]:
    """Keys, texts and states after the events, without the opening and the lead's message."""
    entries: list[Any] = await workbench.evaluate(_HEARD, [events, None, None])
    return entries[2:]


async def test_tokens_of_one_turn_make_one_reply(workbench: Page) -> None:
    assert await heard(workbench, token(1, 1, 3, "Hi "), token(1, 1, 8, "there"), done(1, 1, 9)) == [
        ["turn-1", "Hi there", "done"]
    ]


async def test_what_two_streams_tell_is_heard_once(workbench: Page) -> None:
    events = [token(1, 1, 2, "🙂é"), token(1, 1, 2, "🙂é"), token(1, 1, 4, "🙂éab"), token(1, 1, 3, "a")]
    assert await heard(workbench, *events, token(1, 1, 5, "c")) == [["turn-1", "🙂éabc", "streaming"]]


async def test_a_reset_voids_what_was_said(workbench: Page) -> None:
    reset: Told = ([1, 1, 4], "message", {"type": "reset"})
    assert await heard(workbench, token(1, 1, 3, "No!"), reset, token(1, 1, 8, "Yes.")) == [
        ["turn-1", "Yes.", "streaming"]
    ]


async def test_another_attempt_begins_anew_and_the_old_one_is_silent(workbench: Page) -> None:
    events = [token(3, 1, 5, "First"), token(3, 2, 6, "Second"), token(3, 1, 9, " try"), done(3, 2, 7)]
    assert await heard(workbench, *events) == [["turn-3", "Second", "done"]]


async def test_a_failed_turn_shows_as_failed(workbench: Page) -> None:
    failed: Told = ([2, 1, 1], "error", {"type": "error", "error": {"code": "INTERNAL_ERROR"}})
    assert await heard(workbench, failed) == [["turn-2", "", "error"]]


async def test_the_servers_messages_stand_and_keep_their_elements(workbench: Page) -> None:
    events = [token(1, 1, 3, "Hey"), done(1, 1, 4), token(2, 1, 4, "Half")]
    said = [
        ("ai", "Welcome!", None),
        ("human", "Hello", "m-1"),
        ("ai", "Hey", None),
        ("human", "And?", "m-2"),
    ]
    messages = [
        {"role": role, "content": content, "timestamp": "2026-11-22T00:00:00Z", "message_id": message_id}
        for role, content, message_id in said
    ]
    settled = [["opening", "Welcome!", "done"], ["m-1", "Hello", "done"], ["turn-1", "Hey", "done"]]
    assert await workbench.evaluate(_HEARD, [events, messages[:3], None]) == settled
    running = [*settled, ["m-2", "And?", "done"], ["turn-2", "Half", "streaming"]]
    assert await workbench.evaluate(_HEARD, [events, messages, 2]) == running
    failed = [*settled, ["m-2", "And?", "done"], ["failed", "", "error"]]
    assert await workbench.evaluate(_HEARD, [events, messages, None]) == failed
    unsent = [["opening", "Welcome!", "done"], ["m-1", "Hello", "waiting"]]
    assert await workbench.evaluate(_HEARD, [[], messages[:1], None]) == unsent


async def test_a_failed_reply_can_be_asked_for_again(visit: Visit, scripted_server: ServerProcess) -> None:
    chat = await visit(f"{scripted_server.url}/chat/DEMO")
    await chat.page.evaluate(
        """async () => {
          const { View } = await import("/static/view.js");
          const view = new View(JSON.parse(document.body.dataset.strings), "Mia");
          view.onRetry = (key) => (document.title = `again ${key}`);
          view.show({ typing: false, entries: [{ key: "turn-2", role: "ai", text: "", state: "error" }] });
        }"""
    )
    await chat.page.get_by_role("button", name="Try again").click()
    assert await chat.page.title() == "again turn-2"
