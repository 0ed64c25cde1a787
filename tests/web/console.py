"""The owner's console, as an owner uses it."""

from playwright.async_api import Locator, Page, expect

EMAIL, PASSWORD = "owner@example.com", "Correct-Horse-7"


class Console:
    """One tab."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        self.title = page.locator("h1")
        self.notice = page.locator("#notice")
        self.faults = page.get_by_role("alert")

    async def sign_in(self, password: str = PASSWORD) -> None:
        """Fill in the first page and send it."""
        await self.page.get_by_label("Email").fill(EMAIL)
        await self.page.get_by_label("Password").fill(password)
        await self.page.get_by_role("button", name="Sign in").click()

    async def open(self, view: str) -> None:
        """Go to a view by its tab."""
        await self.page.get_by_role("navigation").get_by_role("link", name=view).click()
        await expect(self.title).to_have_text(view)

    async def go(self, place: str) -> None:
        """Go where an address within the console leads."""
        await self.page.goto(f"{self.url}/owner#/{place}")

    def section(self, name: str) -> Locator:
        """A part of the playbook."""
        heading = self.page.get_by_role("heading", level=2, name=name, exact=True)
        return self.page.locator("details.section").filter(has=heading)

    async def sideways(self) -> int:
        """How far the page can be scrolled sideways."""
        room: int = await self.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        return room
