"""Fills the pages: every value is escaped."""

from functools import cache
from html import escape
from pathlib import Path
from string import Template


def fill(name: str, **values: str) -> str:
    """The page ``name`` with its values."""
    return _template(name).substitute({key: escape(value) for key, value in values.items()})


@cache
def _template(name: str) -> Template:
    return Template((Path(__file__).parent / name).read_text(encoding="utf-8"))
