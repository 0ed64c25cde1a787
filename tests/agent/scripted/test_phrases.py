"""The phrases and word lists: the same in every language, and nothing that a guard would cut."""

import re

import pytest

from agent.guard.stream import StreamGuard
from agent.playbook.default import default_playbook
from agent.playbook.prices import price_text
from agent.responders.scripted.phrases import LANGUAGES, phrases_for
from tests.agent.scripted.talking import LINK

BLANK = re.compile(r"\{(\w+)\}")
ENGLISH = phrases_for("en")


def blanks(variants: tuple[str, ...]) -> set[str]:
    return {name for variant in variants for name in BLANK.findall(variant)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_every_kind_with_the_same_blanks(language: str) -> None:
    assert {kind: blanks(variants) for kind, variants in phrases_for(language).items()} == {
        kind: blanks(variants) for kind, variants in ENGLISH.items()
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_only_the_note_on_its_own_language_is_empty(language: str) -> None:
    empty = {kind for kind, variants in phrases_for(language).items() if not variants}
    assert empty == {f"written_in_{language}"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_phrase_comes_twice_or_asks_two_things(language: str) -> None:
    for kind, variants in phrases_for(language).items():
        assert len(set(variants)) == len(variants), kind
        assert all(variant.count("?") <= 1 and variant == variant.strip() for variant in variants), kind


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_guard_cuts_no_phrase(language: str) -> None:
    playbook = default_playbook()
    offer = min(playbook.offers, key=lambda each: each.price)
    price = price_text(offer, language)
    filled = {
        "name": offer.name, "price": price, "summary": offer.summary, "ideal": offer.ideal_for,
        "url": LINK, "link": LINK, "list": f"{offer.name}: {price}", "count": "3", "value": "fitness",
        "first": "health", "last": "fitness", "choices": "health, fitness", "business": playbook.business,
        "text": "Each session is recorded.",
    }  # fmt: skip
    said = [v.format_map(filled) for variants in phrases_for(language).values() for v in variants]
    assert [text for text in said if _after_the_guard(text, language) != text] == []


def _after_the_guard(text: str, language: str) -> str:
    guard = StreamGuard(
        default_playbook(),
        allowed_links=[LINK],
        canary="c4n4ry",
        prompt="",
        known_values={},
        language=language,
    )
    return guard.feed(text) + guard.finish()
