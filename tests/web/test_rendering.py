"""What the pages are made of, before a browser sees them."""

import json
import re
from dataclasses import asdict
from html.parser import HTMLParser
from typing import get_args

import pytest

from web import STATIC_DIRECTORY, ClosedReason, render_chat_page, render_closed_page
from web.strings import LANGUAGES, choose_language

NASTY = "\"><script>alert(1)</script>&amp;'$code ${code} {agent}"


class Tags(HTMLParser):
    """Every start tag with its attributes, and all text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def one(self, tag: str) -> dict[str, str | None]:
        """The attributes of the first such tag."""
        return next(attributes for name, attributes in self.tags if name == tag)


def chat_page(**changes: str) -> Tags:
    given = {"code": "DEMO", "agent_name": "Mia", "opening": "Hi! Who are you?", "language": "en-US,en;q=0.9"}
    return Tags(render_chat_page(**{**given, **changes}))


def test_owners_words_are_text_and_nothing_else() -> None:
    page = chat_page(agent_name=NASTY, opening=NASTY, code=NASTY)
    assert page.text.count(NASTY) >= 3
    assert [tag for tag, _ in page.tags].count("script") == 1
    assert page.one("body")["data-code"] == NASTY
    assert page.one("body")["data-agent"] == NASTY


@pytest.mark.parametrize("page", [chat_page(), Tags(render_closed_page(reason="expired", language="de"))])
def test_nothing_is_inline_and_nothing_comes_from_elsewhere(page: Tags) -> None:
    for tag, attributes in page.tags:
        assert "style" not in attributes
        assert not [name for name in attributes if name.startswith("on")]
        assert tag != "style"
        if tag == "script":
            assert attributes["src"]
        for name in ("src", "href", "action"):
            assert (attributes.get(name) or "/").startswith("/")


def test_every_file_that_a_page_names_is_there() -> None:
    named = {a.get("src") or a.get("href") for _, a in chat_page().tags} - {None}
    modules = {f"/static/{path.name}" for path in STATIC_DIRECTORY.glob("*.js") if path.name != "widget.js"}
    assert modules < named
    for path in named:
        assert (STATIC_DIRECTORY / str(path).removeprefix("/static/")).is_file()


@pytest.mark.parametrize(
    ("accepted", "chosen"),
    [
        ("de-AT,de;q=0.9,en;q=0.8", "de"),
        ("pt-BR,pt;q=0.9,es;q=0.8", "es"),
        ("FR", "fr"),
        ("ja", "en"),
        ("*", "en"),
        ("", "en"),
        (";;,,=", "en"),
    ],
)
def test_the_first_language_that_both_speak(accepted: str, chosen: str) -> None:
    assert choose_language(accepted) == chosen
    assert chat_page(language=accepted).one("html")["lang"] == chosen


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_says_everything_with_the_same_blanks(language: str) -> None:
    for name, text in asdict(LANGUAGES[language]).items():
        assert text.strip() == text != ""
        assert re.findall(r"\{\w+\}", text) == re.findall(r"\{\w+\}", getattr(LANGUAGES["en"], name))


def test_the_page_gives_its_script_the_strings_of_its_language() -> None:
    page = chat_page(language="es", agent_name="Mía")
    strings = json.loads(page.one("body")["data-strings"] or "")
    assert strings["typing"] == "Mía está escribiendo"
    assert strings.keys() == asdict(LANGUAGES["es"]).keys()


@pytest.mark.parametrize("reason", get_args(ClosedReason))
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_closed_link_says_why(reason: ClosedReason, language: str) -> None:
    text = Tags(render_closed_page(reason=reason, language=language)).text
    strings = asdict(LANGUAGES[language])
    assert strings[f"{reason}_title"] in text
    assert strings[reason] in text
