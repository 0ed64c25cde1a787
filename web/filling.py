"""Fills the pages: every value is escaped."""

from functools import cache
from html import escape
from pathlib import Path
from string import Template


def fill(page: str, /, **values: str) -> str:
    """A page, such as ``closed.html``, with its values."""
    return _template(page).substitute({key: escape(value) for key, value in values.items()})


@cache
def _template(name: str) -> Template:
    return Template((Path(__file__).parent / name).read_text(encoding="utf-8"))
