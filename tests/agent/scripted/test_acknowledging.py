"""Each kind of answer is taken up in its own way."""

from typing import Any

import pytest

from agent.playbook.schema import FieldValue
from agent.responders.scripted.phrases import phrases_for
from tests.agent.scripted.playbooks import WHY, german_studio
from tests.agent.scripted.talking import Says, talk, tells

PHRASES = phrases_for("en")
LAST = {"field": "last", "question": "And what about dogs?", **WHY}


async def taken_up(words: str, value: FieldValue, then: dict[str, Any] | None = None, **question: Any) -> str:
    """The reply to ``words``, which answered ``question`` with ``value``."""
    first = {"field": "first", "question": "What is it?", **WHY, **question}
    playbook = german_studio(questions=[first, then or LAST], opening="Hello! What is it?")
    return (await talk(Says(words, facts={str(first["field"]): value}), playbook=playbook))[0]


@pytest.mark.parametrize(
    ("question", "value", "kind"),
    [
        ({"kind": "yes_no"}, True, "ack_yes_no"),
        ({"kind": "yes_no"}, False, "ack_yes_no"),
        ({"kind": "money"}, 4000.0, "ack_money"),
        ({"kind": "money"}, 0.0, "ack_zero"),
        ({"kind": "number"}, 0.0, "ack_number"),
        ({"kind": "number"}, 7.0, "ack_number"),
        ({"kind": "text"}, "a studio by the river", "ack"),
    ],
)
async def test_by_the_kind_of_the_question(question: dict[str, Any], value: FieldValue, kind: str) -> None:
    assert (await taken_up("that one", value, **question)).startswith(PHRASES[kind])


async def test_a_choice_that_may_rule_out_is_welcomed_and_another_is_named() -> None:
    choices = {"kind": "choice", "choices": ["Cats", "Dogs"]}
    rule = {"disqualifies": {"equals": "Dogs", "message": "Only cats here."}}
    then = {**LAST, "question": "How many?"}
    assert (await taken_up("cats", "Cats", then, **choices, **rule)).startswith(PHRASES["ack_fits"])
    assert "Cats" in await taken_up("cats", "Cats", then, **choices)


async def test_a_name_is_a_name() -> None:
    assert "meet you, Ada" in await taken_up("Ada", "Ada", field="first_name")


async def test_a_short_answer_is_named_unless_the_next_question_does() -> None:
    assert (await taken_up("pilates", "pilates")).startswith("Pilates, ")
    following = {**LAST, "question": "Where do you teach pilates?"}
    assert (await taken_up("pilates", "pilates", following)).startswith(PHRASES["ack"])


@pytest.mark.parametrize("value", ["pilates 4 all", "a class for very old people", "ada@example.org"])
async def test_what_does_not_read_well_is_not_repeated(value: str) -> None:
    assert value.casefold() not in (await taken_up(value, value)).casefold()


async def test_nothing_is_named_that_the_lead_did_not_write() -> None:
    assert "Pilates" not in await taken_up("the thing with the mats", "pilates")


async def test_who_tells_a_lot_is_thanked_for_it() -> None:
    long = "well, that began years ago by the river, and then one thing came to another and so here we are"
    assert (await taken_up(long, long)).startswith(PHRASES["ack_long"])


async def test_a_choice_that_came_later_than_asked_is_still_taken_up() -> None:
    said = await talk(
        Says("hm", "small_talk"), Says("hm", "small_talk"), tells("fitness", coaching_area="fitness")
    )
    assert said[2].startswith(PHRASES["ack_fits"])


async def test_an_answer_with_a_question_behind_it_is_not_passed_over() -> None:
    said = await talk(Says("fitness. Who are you?", "question", {"coaching_area": "fitness"}))
    assert said[0].startswith(PHRASES["ack_fits"])
    assert "Riley" in said[0]


async def test_a_long_story_with_a_question_behind_it_is_not_passed_over() -> None:
    story = "I have been teaching people how to run for years, 12 by now, all over town and in the woods."
    facts: dict[str, FieldValue] = {"weekly_hours": 12.0}
    said = await talk(Says(f"{story} Who are you?", "question", facts), Says("And who are you?", "question"))
    assert said[0].startswith(PHRASES["ack_long"])
    assert said[1].startswith("I'm Riley")


async def test_a_question_alone_is_answered_without_an_acknowledgement() -> None:
    said = await talk(Says("who are you?", "question"))
    assert said[0].startswith("I'm Riley")
