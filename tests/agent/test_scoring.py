"""How far a lead is, from the playbook's weights alone."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.playbook.default import default_playbook
from agent.playbook.schema import Disqualifier, Playbook
from agent.playbook.validation import validate
from agent.scoring import Fields, disqualifier, next_question, qualified, score

PLAYBOOK = default_playbook()
KNOWN: dict[str, Any] = {
    "coaching_area": "fitness",
    "business_type": "online strength coaching",
    "monthly_revenue": 5000.0,
    "client_source": "referrals",
}


def with_rule(kind: str, rule: dict[str, Any], **question: Any) -> Playbook:
    document = PLAYBOOK.model_dump()
    document["questions"] = [
        {
            "field": "x",
            "question": "X?",
            "why": "w",
            "kind": kind,
            "disqualifies": {**rule, "message": "no"},
            **question,
        }
    ]
    return validate(document)


def test_the_score_is_the_share_of_the_weights() -> None:
    assert score(PLAYBOOK, {}) == 0
    assert score(PLAYBOOK, {"monthly_revenue": 5000.0}) == 0.3
    assert score(PLAYBOOK, KNOWN) == 0.85
    assert score(PLAYBOOK, {**KNOWN, "main_challenge": "time", "weekly_hours": 3.0}) == 1


def test_an_answer_that_does_not_fit_is_worth_nothing() -> None:
    assert score(PLAYBOOK, {**KNOWN, "coaching_area": "none of these"}) == 0.7


def test_qualified_needs_every_required_answer() -> None:
    assert qualified(PLAYBOOK, KNOWN)
    for field in KNOWN:
        rest = {name: value for name, value in KNOWN.items() if name != field}
        assert not qualified(PLAYBOOK, {**rest, "main_challenge": "time", "weekly_hours": 3.0})
    assert not qualified(PLAYBOOK, {**KNOWN, "coaching_area": "none of these"})


@given(
    st.dictionaries(
        st.sampled_from([q.field for q in PLAYBOOK.questions]),
        st.one_of(st.text(max_size=20), st.floats(allow_nan=False), st.booleans()),
    )
)
def test_the_score_stays_between_zero_and_one(fields: dict[str, Any]) -> None:
    assert 0 <= score(PLAYBOOK, fields) <= 1
    assert score(PLAYBOOK, fields) >= PLAYBOOK.qualified_at or not qualified(PLAYBOOK, fields)


@pytest.mark.parametrize(
    ("kind", "rule", "value", "breaks"),
    [
        ("money", {"below": 1000}, 999.0, True),
        ("money", {"below": 1000}, 1000.0, False),
        ("number", {"equals": 0}, 0.0, True),
        ("number", {"below": 1}, True, False),
        ("yes_no", {"equals": False}, False, True),
        ("yes_no", {"equals": False}, True, False),
        ("yes_no", {"equals": False}, 0.0, False),
        ("text", {"equals": "Nobody"}, "nobody", True),
        ("text", {"one_of": ["crypto", "forex"]}, "  Forex ", True),
        ("text", {"one_of": ["crypto"]}, "crypto coaching", False),
        ("text", {"equals": 5}, "5", False),
    ],
)
def test_what_disqualifies(kind: str, rule: dict[str, Any], value: Any, breaks: bool) -> None:
    found = disqualifier(with_rule(kind, rule), {"x": value})
    assert isinstance(found, Disqualifier) is breaks


def asked_in_turn(fields: Fields, asked: list[str]) -> str | None:
    question = next_question(PLAYBOOK, fields, asked)
    return question.field if question else None


def test_questions_come_in_order_and_known_ones_never() -> None:
    assert asked_in_turn({}, []) == "coaching_area"
    assert asked_in_turn({"coaching_area": "fitness"}, ["coaching_area"]) == "business_type"
    assert asked_in_turn({"coaching_area": "fitness", "business_type": "x"}, []) == "monthly_revenue"
    assert asked_in_turn(KNOWN, []) == "main_challenge"


def test_an_open_question_comes_again_and_is_let_go_in_time() -> None:
    fields = {"coaching_area": "fitness"}
    assert asked_in_turn(fields, ["business_type"]) == "business_type"
    assert asked_in_turn(fields, ["business_type"] * 2) == "monthly_revenue"
    assert asked_in_turn(KNOWN, ["main_challenge"]) == "weekly_hours"
    everything = [q.field for q in PLAYBOOK.questions] * 3
    assert asked_in_turn({}, everything) is None


def test_a_required_question_comes_back_before_it_is_given_up() -> None:
    known = {"coaching_area": "fitness", "business_type": "x", "client_source": "x"}
    asked = ["monthly_revenue", "main_challenge", "weekly_hours"]
    assert asked_in_turn(known, asked) == "monthly_revenue"


def test_a_question_is_filled_in_with_what_is_known() -> None:
    known = next_question(PLAYBOOK, {"coaching_area": "fitness"}, [])
    assert known is not None
    assert known.question == "What type of fitness coaching do you offer right now?"
    unknown = next_question(PLAYBOOK, {}, ["coaching_area"] * 2)
    assert unknown is not None
    assert unknown.question == "What type of coaching do you offer right now?"
