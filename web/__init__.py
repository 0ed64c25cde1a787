"""The pages that people see: a lead's conversation, a link that is closed, and the owner's console.

Plain HTML, CSS and JavaScript modules, served as they lie here. No page needs an inline script or style
or another host, so that `CONTENT_SECURITY_POLICY` can forbid them.
"""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Literal

from web.filling import fill
from web.strings import LANGUAGES, choose_language

STATIC_DIRECTORY = Path(__file__).parent / "static"
"""To be served under ``/static``."""

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
    )
)
"""What the pages need and nothing else; who may frame them is the server's to add."""

ClosedReason = Literal["unknown", "expired", "paused", "used_up"]


def render_chat_page(*, code: str, agent_name: str, opening: str, language: str) -> str:
    """The page behind a campaign's link, as HTML.

    ``language`` is the browser's ``Accept-Language`` (a single tag will do); the page speaks the first
    of its languages that is in it. The campaign's own name is the owner's affair and stays off the page.
    """
    chosen = choose_language(language)
    strings = {name: text.replace("{agent}", agent_name) for name, text in asdict(LANGUAGES[chosen]).items()}
    return fill(
        "chat.html",
        **strings,
        language=chosen,
        code=code,
        agent_name=agent_name,
        initial=agent_name[:1].upper(),
        opening=opening,
        strings=json.dumps(strings, ensure_ascii=False),
    )


def render_closed_page(*, reason: ClosedReason, language: str) -> str:
    """The page of a link that opens no conversation, and why; ``language`` as for the conversation."""
    chosen = choose_language(language)
    strings = LANGUAGES[chosen]
    title, text = getattr(strings, f"{reason}_title"), getattr(strings, reason)
    return fill("closed.html", language=chosen, title=title, text=text)


def render_owner_page() -> str:
    """The owner's console, as HTML; it asks the API for everything that it shows."""
    return fill("owner.html")


def render_account_page() -> str:
    """Where links in mails lead, as HTML; what a link holds stays in the browser, behind the ``#``."""
    return fill("account.html")
