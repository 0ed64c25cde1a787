"""The lead's page, as a lead sees it."""

from playwright.async_api import BrowserContext, Locator, Page, expect


class ChatPage:
    """One tab."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.text = page.get_by_role("textbox", name="Write a message")
        self.name = page.get_by_role("textbox", name="Instagram or name (optional)")
        self.send = page.get_by_role("button", name="Send")
        self.status = page.locator("#status")
        self.typing = page.locator("#typing")
        self.mine = page.locator(".message.human .text")
        self.replies = page.locator(".message.ai:not(#typing) .text")
        """The opening message and all replies."""

    @property
    def context(self) -> BrowserContext:
        """The browser that the tab is in, with its cookies and its storage."""
        return self.page.context

    @property
    def growing(self) -> Locator:
        """The reply that is being written."""
        return self.page.locator("[aria-busy=true] .text")

    async def say(self, text: str) -> None:
        """Write and press Enter."""
        await self.text.fill(text)
        await self.text.press("Enter")

    async def ask(self, text: str) -> str:
        """Say something and wait for the whole reply."""
        before = await self.replies.count()
        await self.say(text)
        await self.whole_reply(before + 1)
        return await self.replies.last.inner_text()

    async def whole_reply(self, count: int) -> None:
        """Wait until there are so many messages of the agent, the last of them complete."""
        await expect(self.replies).to_have_count(count)
        await expect(self.growing).to_have_count(0)

    async def everything(self) -> list[str]:
        """All that was said, in the order that it stands in."""
        return await self.page.locator(".message:not(#typing) .text").all_inner_texts()
