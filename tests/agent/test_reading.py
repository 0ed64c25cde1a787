"""How a reading corrects the state: by kind, within the playbook, fit to be stored."""

from typing import Any

import pytest

from agent.playbook.default import default_playbook
from agent.playbook.schema import FieldValue, ObjectionType, Question
from agent.reading import LONGEST_VALUE, OBJECTIONS_KEPT, clean, learned, objections_after, typed
from agent.responders.base import FieldHeard, ObjectionHeard, Reading
from agent.state import ObjectionMet, Perception


def question(kind: str, **more: Any) -> Question:
    return Question.model_validate({"field": "x", "question": "X?", "why": "w", "kind": kind, **more})


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("money", 5000, 5000.0),
        ("money", "around $5k", 5000.0),
        ("money", "1.5M", 1_500_000.0),
        ("money", "1.500 €", 1500.0),
        ("money", "2,500.50", 2500.5),
        ("money", "a lot", None),
        ("money", True, None),
        ("money", float("inf"), None),
        ("money", float("nan"), None),
        ("number", "3 hours", 3.0),
        ("yes_no", "Yes", True),
        ("yes_no", False, False),
        ("yes_no", "perhaps", None),
        ("text", "  online \n coaching ", "online coaching"),
        ("text", "", None),
        ("text", 5.0, "5.0"),
    ],
)
def test_a_value_takes_the_form_of_its_kind(kind: str, value: Any, expected: Any) -> None:
    assert typed(question(kind), value) == expected


def test_a_choice_is_one_of_the_choices() -> None:
    choice = question("choice", choices=["Health", "Fitness"])
    assert typed(choice, "fitness") == "Fitness"
    assert typed(choice, "cooking") is None


def test_only_the_playbooks_fields_are_learned() -> None:
    reading = Reading(
        fields=[
            FieldHeard(field="monthly_revenue", value="6k"),
            FieldHeard(field="price", value=1),
            FieldHeard(field="coaching_area", value="astrology"),
        ]
    )
    known: dict[str, FieldValue] = {"monthly_revenue": 5000.0, "business_type": "yoga"}
    after = learned(default_playbook(), known, reading)
    assert after == {"monthly_revenue": 6000.0, "business_type": "yoga"}
    assert known["monthly_revenue"] == 5000.0


def heard(objection: ObjectionType | None) -> Perception:
    return Perception(intent="answer", objection=objection, language="en")


@pytest.mark.parametrize(
    ("local", "reading", "expected"),
    [
        ("price", None, ("price", "the lead's words")),
        (None, None, None),
        ("price", Reading(intent="objection"), ("price", "the lead's words")),
        ("price", Reading(intent="answer"), None),
        (None, Reading(objection=ObjectionHeard(type="time", words="no time")), ("time", "no time")),
        ("price", Reading(objection=ObjectionHeard(type="time", words="no time")), ("time", "no time")),
    ],
)
def test_the_reading_says_which_objection_it_was(
    local: ObjectionType | None, reading: Reading | None, expected: tuple[str, str] | None
) -> None:
    after = objections_after([], heard(local), reading, "the lead's words", answered=True)
    assert [(o["type"], o["words"]) for o in after] == ([expected] if expected else [])


def test_a_doubt_that_was_not_treated_as_one_is_no_objection() -> None:
    assert objections_after([], heard("price"), None, "too much?", answered=False) == []


def test_an_earlier_objection_can_be_settled() -> None:
    met: list[ObjectionMet] = [{"type": "price", "words": "too much", "answered": False}]
    after = objections_after(met, heard(None), Reading(objection_settled=True), "", answered=False)
    assert after[0]["answered"]
    assert not met[0]["answered"]


def test_objections_do_not_pile_up() -> None:
    met: list[ObjectionMet] = [
        {"type": "time", "words": str(n), "answered": True} for n in range(OBJECTIONS_KEPT)
    ]
    after = objections_after(met, heard("price"), None, "last", answered=True)
    assert len(after) == OBJECTIONS_KEPT
    assert after[-1]["words"] == "last"


def test_what_cannot_be_stored_is_taken_out() -> None:
    assert clean("a\x00b \ud800 c\n\n d") == "ab ? c d"
    assert len(clean("x" * 1000)) == LONGEST_VALUE
