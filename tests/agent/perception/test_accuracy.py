"""The labelled messages: one part chooses the weights, the other one says what they are worth."""

from collections.abc import Mapping
from typing import Any

import pytest

from benchmarks.perception import labelled, measure


@pytest.fixture(scope="module")
def figures() -> Mapping[str, Any]:
    return measure()


def test_intent_and_objection_are_understood_without_a_model(figures: Mapping[str, Any]) -> None:
    assert figures["accuracy"] >= 0.92


def test_also_of_messages_that_were_written_when_the_rules_stood(figures: Mapping[str, Any]) -> None:
    assert figures["unseen"] >= 0.88


def test_what_ends_or_sells_a_conversation_is_rarely_mistaken(figures: Mapping[str, Any]) -> None:
    for label in ("refusal", "ready_to_buy", "asks_if_ai"):
        precision, recall, _ = figures["classes"][label]
        assert precision >= 0.95
        assert recall >= 0.9


def test_facts_and_languages(figures: Mapping[str, Any]) -> None:
    assert figures["facts"] >= 0.95
    assert figures["language"] >= 0.9


def test_the_parts_have_nothing_in_common() -> None:
    held_out, tuning = (
        {(m.text.casefold(), m.at) for m in labelled(part)} for part in ("held_out", "tuning")
    )
    assert len(held_out) + len(tuning) >= 300
    assert not held_out & tuning
