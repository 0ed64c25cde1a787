"""Doubts get the owner's answer, and a no is a no."""

import pytest

from agent.playbook.schema import FieldValue, ObjectionType
from agent.responders.scripted.phrases import phrases_for
from tests.agent.scripted.known import ALL_OF_IT, FITNESS_TYPE, PLAYBOOK, PROGRAM, REQUIRED, REVENUE, SOURCE
from tests.agent.scripted.playbooks import ABO, german_studio
from tests.agent.scripted.talking import Says, asks, doubts, talk, tells

PHRASES = phrases_for("en")


def answer_to(objection: ObjectionType) -> str:
    return next(each.answer for each in PLAYBOOK.objections if each.type == objection)


@pytest.mark.parametrize("objection", ["price", "time", "trust", "need", "authority", "competitor", "other"])
async def test_every_doubt_gets_the_owners_answer_once_and_leads_back(objection: ObjectionType) -> None:
    doubt = doubts("well, hm", objection)
    said = await talk(tells("fitness", coaching_area="fitness"), doubt, doubt)
    assert answer_to(objection) in said[1]
    assert said[1].endswith(FITNESS_TYPE)
    assert answer_to(objection) not in said[2]
    assert said[2].endswith(FITNESS_TYPE)
    assert said[1].count("?") == 1


async def test_a_doubt_at_the_offer_leads_back_to_no_pitch() -> None:
    said = await talk(
        ALL_OF_IT, doubts("too expensive, any discount?", "price"), doubts("still too much", "price")
    )
    assert said[1].startswith("I can't change the price")
    assert answer_to("price") in said[1]
    assert "Client Engine Self-Study at $97" in said[2]
    assert all(PROGRAM.summary not in reply for reply in said[1:])


async def test_a_doubt_that_the_playbook_does_not_know_is_not_talked_away() -> None:
    said = await talk(
        Says("ja", facts={"pain": True}),
        doubts("das klingt unseriös", "trust"),
        playbook=german_studio(),
        language="de",
    )
    assert said[1].startswith(
        ("Das verstehe ich, und das will ich dir nicht ausreden", "Der Punkt ist berechtigt")
    )
    assert said[1].endswith("Seit wie vielen Monaten ist das so?")


async def test_of_two_answers_to_a_kind_of_doubt_the_nearer_one_comes_first() -> None:
    playbook = german_studio()
    doubt = doubts("Mein Budget ist gerade knapp", "price")
    said = await talk(doubt, doubt, playbook=playbook, language="de")
    assert playbook.objections[1].answer in said[0]
    assert playbook.objections[0].answer in said[1]


async def test_a_no_is_a_no() -> None:
    no = Says("not interested", "refusal")
    said = await talk(tells("fitness", coaching_area="fitness"), no, Says("ok", "small_talk"), no)
    goodbyes = said[1:]
    assert not any("?" in reply or "link" in reply.casefold() for reply in goodbyes)
    assert goodbyes[0] in PHRASES["goodbye"]
    assert goodbyes[1] in PHRASES["after_end"]
    assert goodbyes[2] in PHRASES["goodbye_again"]


async def test_who_said_no_still_gets_an_answer_and_no_second_pitch() -> None:
    said = await talk(
        ALL_OF_IT, Says("no thanks", "refusal"), asks("what does the Private Partnership cost?")
    )
    assert "$1,997" in said[2]
    assert "?" not in said[2]


async def test_who_is_no_fit_hears_it_once_and_kindly() -> None:
    said = await talk(
        tells("none of these, I sell cars", coaching_area="none of these"), Says("ok", "small_talk")
    )
    rule = PLAYBOOK.questions[0].disqualifies
    assert rule
    assert said[0] == rule.message
    assert rule.message not in said[1]
    assert "?" not in said[1]


@pytest.mark.parametrize("words", ["price?", "hm, what is included?", "how long?"])
async def test_a_question_that_sounds_like_a_doubt_is_answered(words: str) -> None:
    objection: ObjectionType = "other" if "hm" in words else "price"
    said = await talk(ALL_OF_IT, doubts(words, objection))
    assert answer_to(objection) not in said[1]
    assert any(known in said[1] for known in ("$497", "Eight weeks"))


async def test_a_shrug_at_a_question_is_no_doubt_and_neither_is_a_vague_number() -> None:
    known = tells("fitness, online", coaching_area="fitness", business_type="online")
    said = await talk(
        known, doubts("not really sure", "other"), tells("it depends, 3-4k", monthly_revenue=3500.0)
    )
    assert answer_to("other") not in said[1]
    assert REVENUE in said[1]
    assert "leave that" not in said[2]
    assert said[2].endswith(SOURCE)


async def test_a_doubt_with_a_question_mark_is_still_one() -> None:
    said = await talk(ALL_OF_IT, doubts("isn't that a lot of money? any discount?", "price"))
    assert answer_to("price") in said[1]


class TestWhatCostsLess:
    PRICEY = doubts("too expensive", "price")

    async def test_is_named_once(self) -> None:
        said = await talk(ALL_OF_IT, *[self.PRICEY] * 3)
        assert ["$97." in reply for reply in said[2:]] == [True, False]

    async def test_is_not_named_to_whom_it_is_offered(self) -> None:
        cheapest = tells("I start", **{**REQUIRED, "monthly_revenue": 0.0})
        said = await talk(cheapest, self.PRICEY, self.PRICEY)
        assert "least expensive" not in said[2]

    async def test_is_not_found_among_what_is_paid_another_way(self) -> None:
        once = {**ABO, "id": "retreat", "name": "Retreat", "price": 90000, "billing": "once"}
        playbook = german_studio(offers=[once, ABO])
        facts: dict[str, FieldValue] = {"pain": True, "months": 3.0, "goal": "schlafen"}
        said = await talk(Says("ja", facts=facts), *[self.PRICEY] * 3, playbook=playbook)
        assert "Retreat" in said[0]
        assert not any("least expensive" in reply for reply in said)
