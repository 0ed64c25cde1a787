"""Two streams at once, as after a lost connection: what was missed, and the answer to a new message."""

from typing import Any

import pytest
from playwright.async_api import Browser

from tests.web.process import ServerProcess

pytestmark = pytest.mark.browser

_CONVERSATION = """
async ([before, after]) => {
  const { Conversation } = await import("/static/conversation.js");
  const { Store } = await import("/static/store.js");
  const open = [], waiting = [];
  let looks = 0;
  window.fetch = async (path) => {
    if (path.includes("/history")) return Response.json(looks++ ? after : before);
    const stream = {};
    const body = new ReadableStream({ start: (controller) => (stream.controller = controller) });
    stream.tell = (text) => stream.controller.enqueue(new TextEncoder().encode(text));
    open.push(stream);
    waiting.shift()?.();
    return new Response(body, { headers: { "X-Thread-Id": "thread-1" } });
  };
  const opened = () => new Promise((resolve) => waiting.push(resolve));
  const settled = () => new Promise((resolve) => setTimeout(resolve, 100));
  const view = { opening: "Welcome!" };
  for (const name of ["show", "status", "toLatest", "wait", "close"]) view[name] = () => {};

  const first = opened();
  const conversation = new Conversation("TEST", new Store("TEST"), view);
  conversation.start();
  await first;
  const second = opened();
  conversation.say("Are you there?");
  await second;
  const [missed, answer] = open;
  const token = (id, content) => `id: ${id}\\ndata: ${JSON.stringify({ type: "token", content })}\\n\\n`;
  const done = (id) => `id: ${id}\\nevent: done\\ndata: {"type": "complete"}\\n\\n`;
  answer.tell(token("2-1-4", "Yes.") + done("2-1-5"));
  await settled();
  const early = looks;
  missed.tell(token("1-2-6", "Hello!") + done("1-2-7"));
  await settled();
  return { early, looks, said: conversation.entries.map(({ text }) => text) };
}
"""


def history(*said: tuple[str, str, str | None], running: str | None = None) -> dict[str, Any]:
    """The server's transcript."""
    return {
        "thread_id": "thread-1",
        "messages": [
            {"role": role, "content": content, "timestamp": "2026-11-22T00:00:00Z", "message_id": message_id}
            for role, content, message_id in said
        ],
        "running": {"last_event_id": running} if running else None,
    }


async def test_a_reply_that_comes_in_after_a_later_one_is_shown_once(
    browser: Browser, scripted_server: ServerProcess
) -> None:
    begun = (("ai", "Welcome!", None), ("human", "Hi", "m-1"))
    whole = (*begun, ("ai", "Hello!", None), ("human", "Are you there?", None), ("ai", "Yes.", None))
    page = await browser.new_page(locale="en-US")
    await page.goto(f"{scripted_server.url}/chat/DEMO")
    told = await page.evaluate(_CONVERSATION, [history(*begun, running="1-1-0"), history(*whole)])
    await page.close()
    assert told["said"] == ["Welcome!", "Hi", "Hello!", "Are you there?", "Yes."]
    # The transcript is asked for once all streams have ended, and not while one may still tell of it.
    assert (told["early"], told["looks"]) == (1, 2)
