"""The offer, the link, and what is said around them."""

import pytest

from agent.responders.base import Brief, Message
from agent.responders.scripted.reply import reply
from tests.agent.scripted.known import ALL_OF_IT, PLAYBOOK, PROGRAM, REQUIRED
from tests.agent.scripted.playbooks import german_studio
from tests.agent.scripted.talking import LINK, Says, asks, talk, tells


async def test_who_wants_to_buy_at_once_gets_to_know_what() -> None:
    said = await talk(
        Says("I want the Client Engine Self-Study", "ready_to_buy"), Says("the link please", "ready_to_buy")
    )
    assert PLAYBOOK.offers[0].summary in said[0]
    assert "$97" in said[0]
    assert f"{LINK}option1" in said[0]
    assert f"{LINK}option1" in said[1]
    assert PLAYBOOK.offers[0].summary not in said[1]


async def test_a_last_question_is_answered_before_the_link() -> None:
    said = await talk(ALL_OF_IT, Says("I'll take it, but can I get my money back?", "ready_to_buy"))
    assert said[1].index("14 days") < said[1].index(LINK)


async def test_a_no_to_the_link_is_met_without_pressing() -> None:
    said = await talk(ALL_OF_IT, Says("no, not now"))
    assert said[1].startswith("No rush")
    assert LINK not in said[1]


async def test_an_offer_is_not_pitched_twice() -> None:
    said = await talk(
        ALL_OF_IT, tells("5 hours", weekly_hours=5.0), Says("ok", "small_talk"), asks("what does it cost?")
    )
    assert all(PROGRAM.summary not in reply for reply in said[1:])
    assert "$497" in said[3]


async def test_without_a_link_nobody_pretends_there_is_one() -> None:
    async def sells_nothing(offer_id: str) -> str | None:
        return None

    wants = Says("nehme ich", "ready_to_buy")
    said = await talk(wants, wants, playbook=german_studio(), language="de", checkout=sells_nothing)
    assert "49 € pro Monat" in said[0]
    assert "https://lichtblick.example/kurse" in said[0]
    assert said[0] != said[1]
    assert not any("hier ist der link" in reply.casefold() for reply in said)


async def test_questions_that_led_nowhere_end_at_the_offers() -> None:
    unclear = Says("hmhm", "small_talk")
    said = await talk(*[unclear] * 16)
    shown = [reply for reply in said if "$97, paid once" in reply]
    assert len(shown) == 1
    assert said[-1] != said[-2]


async def test_once_the_link_is_there_it_is_pointed_to_and_given_again_only_when_asked_for() -> None:
    said = await talk(
        ALL_OF_IT,
        Says("I'll take it", "ready_to_buy"),
        asks("how long does it take?"),
        asks("where was the link?"),
        Says("ok cool", "small_talk"),
    )
    assert LINK not in said[2]
    assert "link" in said[2]
    assert f"{LINK}option2" in said[3]
    assert LINK not in said[4]


async def test_who_asks_for_the_link_before_buying_is_asked_back() -> None:
    said = await talk(ALL_OF_IT, asks("how do I get the link?"))
    assert said[1].startswith(("Good.", "Fine."))
    assert "link?" in said[1]
    assert LINK not in said[1]


async def test_a_fact_that_begins_with_no_is_no_refusal_of_the_link() -> None:
    said = await talk(ALL_OF_IT, tells("no time", main_challenge="no time"))
    assert not said[1].startswith("No rush")


async def test_a_bare_really_is_met_with_a_question_back_and_nothing_more() -> None:
    said = await talk(ALL_OF_IT, asks("really?"))
    assert said[1].startswith(("Tell me a bit more", "What exactly do you mean?"))
    assert said[1].count("?") <= 1


async def test_invitations_end_once_all_are_used() -> None:
    said = await talk(ALL_OF_IT, *[Says(f"ok {number}", "small_talk") for number in range(5)])
    assert len(set(said)) == 6
    assert sum("link" in reply for reply in said[1:]) == 2


def shown_by_a_model(told: str) -> str:
    """What is said to an "okay" after a model has told of the offer."""
    brief = Brief(
        agent="closer_agent",
        playbook=PLAYBOOK,
        messages=[Message("ai", told), Message("human", "okay")],
        stage="closing",
        perception={"intent": "small_talk", "objection": None, "language": "de"},
        fields=REQUIRED,
        offer=PROGRAM,
    )
    return reply(brief)


@pytest.mark.parametrize(
    ("told", "again"),
    [
        ("Das Client Engine Program kostet 497 $ und läuft acht Wochen.", False),
        ("The Client Engine Program is $497.", False),
        ("There is the Client Engine Program.", True),
        ("Client Engine Self-Study is $97, Client Engine Program $497.", True),
        ("It is $497.", True),
    ],
)
def test_what_a_model_showed_is_not_shown_again(told: str, *, again: bool) -> None:
    assert (PROGRAM.summary in shown_by_a_model(told)) is again


async def test_a_new_link_to_the_same_offer_is_given_without_another_word_on_it() -> None:
    links = iter(f"{LINK}session_{number}" for number in range(3))

    async def opens_a_session(offer_id: str) -> str | None:
        return next(links)

    buys = Says("I'll take it", "ready_to_buy")
    said = await talk(ALL_OF_IT, buys, asks("how long does it take?"), buys, checkout=opens_a_session)
    assert f"{LINK}session_0" in said[1]
    assert "link" in said[2]
    assert "say so" not in said[2]
    assert said[3].endswith(f"{LINK}session_2")


async def test_a_question_beside_the_last_answer_is_answered_before_the_offer() -> None:
    last = Says("all of it. Who are you?", "question", REQUIRED)
    said = await talk(last)
    assert said[0].index("Riley") < said[0].index(PROGRAM.summary)


async def test_a_question_that_the_offer_answers_is_answered_by_it() -> None:
    said = await talk(Says("all of it. What does it cost?", "question", REQUIRED))
    assert said[0].count("$497") == 1
    assert PROGRAM.summary in said[0]
