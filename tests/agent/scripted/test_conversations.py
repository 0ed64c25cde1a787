"""Conversations from the opening on: acknowledging, asking, and asking again."""

import pytest

from agent.playbook.schema import FieldValue, Question
from agent.scoring import TRIES_REQUIRED
from tests.agent.scripted.known import BUYS, FITNESS_TYPE, PLAYBOOK, PROGRAM, REQUIRED, REVENUE, SOURCE
from tests.agent.scripted.talking import LINK, Says, asks, doubts, talk, tells


async def test_from_the_first_answer_to_the_thanks_for_a_payment() -> None:
    said = await talk(
        tells("fitness", coaching_area="fitness"),
        tells("online training for busy moms", business_type="online training for busy moms"),
        tells("around 4k", monthly_revenue=4000.0),
        tells("mostly referrals", client_source="mostly referrals"),
        BUYS,
        Says("done", stage="converted"),
        Says("great", "small_talk"),
    )
    assert [reply.endswith(q) for reply, q in zip(said, (FITNESS_TYPE, REVENUE, SOURCE), strict=False)] == [
        True
    ] * 3
    assert PROGRAM.name in said[3]
    assert PROGRAM.summary in said[3]
    assert "$497, paid once" in said[3]
    assert LINK not in said[3]
    assert f"{LINK}option2" in said[4]
    assert PROGRAM.summary not in said[4]
    assert "your payment is in" in said[5]
    assert "your payment is in" not in said[6]


async def test_no_acknowledgement_comes_twice() -> None:
    said = await talk(
        tells("fitness", coaching_area="fitness"),
        tells("I run a studio in the old harbour", business_type="studio"),
        tells("4k", monthly_revenue=4000.0),
        tells("through the paper", client_source="the paper"),
        tells("the phone", main_challenge="the phone"),
        tells("5", weekly_hours=5.0),
    )
    first_sentences = [reply.split(".")[0] for reply in said]
    assert len(set(first_sentences)) == len(first_sentences)


async def test_an_answer_is_taken_up_by_what_it_is_about_and_not_by_what_it_denies() -> None:
    known = tells("all but one", **{name: REQUIRED[name] for name in list(REQUIRED)[:3]})
    of_it, not_of_it = "word of mouth", "I don't use instagram, people call me"
    said = await talk(known, tells(of_it, client_source=of_it))
    denied = await talk(known, tells(not_of_it, client_source=not_of_it))
    assert said[1].startswith("Referrals are a good sign")
    assert "social media" not in denied[1]


async def test_several_facts_and_a_question_in_one_message() -> None:
    facts: dict[str, FieldValue] = {"coaching_area": "fitness", "monthly_revenue": 2500.0}
    said = await talk(Says("Hi, fitness coach, $2,500 a month. How much is it?", "question", facts))
    assert all(price in said[0] for price in ("$97", "$497", "$1,997"))
    assert said[0].endswith(FITNESS_TYPE)
    assert said[0].count("?") == 1


async def test_an_unclear_answer_is_met_with_an_easier_question_then_with_a_way_out() -> None:
    unclear = [Says("hmhm", "small_talk")] * TRIES_REQUIRED
    _, *again, moved_on = await talk(tells("fitness", coaching_area="fitness"), *unclear)
    assert all(reply.endswith(FITNESS_TYPE) for reply in again)
    assert len(set(again)) == TRIES_REQUIRED - 1
    assert "words" in again[0] or "word or two" in again[0]
    assert moved_on.endswith(REVENUE)
    assert any(words in moved_on for words in ("leave that", "skip that one"))


@pytest.mark.parametrize(
    ("words", "begins"),
    [("yes", ("Great", "Good")), ("no", ("Okay",)), ("perhaps", ("Sorry", "I'm not", "Hm"))],
)
async def test_a_yes_to_a_choice_is_asked_which(words: str, begins: tuple[str, ...]) -> None:
    said = await talk(Says(words, "small_talk"))
    assert said[0].startswith(begins)
    assert "health, fitness, wellness, mindset or none of these?" in said[0]


async def test_who_keeps_a_number_to_himself_is_not_pressed() -> None:
    known = tells("fitness, online", coaching_area="fitness", business_type="online")
    said = await talk(known, Says("I'd rather not say", "small_talk"), Says("skip", "small_talk"))
    assert "you don't have to tell me" in said[1] or "only as much as you like" in said[1]
    assert REVENUE in said[1]
    assert said[2] != said[1]


async def test_a_greeting_is_returned_and_costs_no_question() -> None:
    said = await talk(Says("hello!", "small_talk"), Says("yes"), tells("fitness", coaching_area="fitness"))
    assert said[0].startswith(("Hi", "Hello", "Hey"))
    assert said[0].endswith("health, fitness, wellness, mindset or none of these.")
    assert said[1].endswith("health, fitness, wellness, mindset or none of these?")
    assert said[2].endswith(FITNESS_TYPE)


@pytest.mark.parametrize("words", ["prefer not to say", "no idea"])
async def test_a_refused_answer_is_not_taken_up_as_one(words: str) -> None:
    said = await talk(tells("fitness", coaching_area="fitness"), tells(words, business_type=words))
    assert words not in said[1].casefold()
    assert any(passed in said[1] for passed in ("leave that", "skip that one"))


async def test_the_same_conversation_goes_the_same_way() -> None:
    lines = (tells("fitness", coaching_area="fitness"), asks("how much?"), doubts("too much", "price"))
    assert await talk(*lines) == await talk(*lines)


@pytest.mark.parametrize(
    "question", [PLAYBOOK.questions[0], PLAYBOOK.questions[1], PLAYBOOK.questions[2]], ids=lambda q: q.field
)
async def test_a_question_that_was_not_understood_is_put_more_simply(question: Question) -> None:
    before = {name: REQUIRED[name] for name in list(REQUIRED)[: PLAYBOOK.questions.index(question)]}
    said = await talk(*([tells("well", **before)] if before else []), asks("what do you mean?"))
    assert "simply" in said[-1].split(".")[0]
    assert "The team" not in said[-1]
    assert said[-1].endswith("?")
