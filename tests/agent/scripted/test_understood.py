"""Conversations as leads write them, with nothing else than what this process understands of them."""

import pytest

from tests.agent.scripted.known import FITNESS_TYPE, PLAYBOOK, PROGRAM, REVENUE, SOURCE
from tests.agent.scripted.talking import LINK, talk

UNFIT = PLAYBOOK.questions[0].disqualifies


@pytest.mark.parametrize(
    "lines",
    [
        ("fitness", "online training for busy moms", "around 4k", "mostly referrals", "I'll take it"),
        (
            "yes I'm a fitness coach",
            "small groups",
            "$5,000",
            "instagram",
            "what's in it?",
            "ok, send me the link",
        ),
        ("fitness", "bootcamps", "3-4k a month", "word of mouth", "how much is it?", "sign me up"),
        ("ich bin Fitnesstrainer", "Personal Training", "etwa 3.000 €", "Empfehlungen", "ich nehme es"),
        (
            "soy entrenador, fitness",
            "clases en grupo",
            "unos 3000 al mes",
            "por recomendaciones",
            "lo quiero",
        ),
        (
            "je suis coach fitness",
            "des cours en ligne",
            "environ 4000 euros",
            "le bouche à oreille",
            "je le prends",
        ),
    ],
)
async def test_from_the_first_word_to_the_link(lines: tuple[str, ...]) -> None:
    said = await talk(*lines)
    assert [reply.endswith(q) for reply, q in zip(said, (FITNESS_TYPE, REVENUE, SOURCE), strict=False)] == [
        True
    ] * 3
    assert PROGRAM.summary in said[3]
    assert [f"{LINK}option2" in reply for reply in said] == [False] * (len(said) - 1) + [True]


async def test_a_doubt_on_the_way_does_not_lose_the_way() -> None:
    said = await talk("fitness", "is this a scam?", "online coaching", "sounds expensive", "4k", "referrals")
    assert said[1].endswith(FITNESS_TYPE)
    assert said[2].endswith(REVENUE)
    assert said[3].endswith(REVENUE)
    assert said[4].endswith(SOURCE)
    assert PROGRAM.summary in said[5]


async def test_questions_on_the_way_are_answered_and_lose_nothing() -> None:
    said = await talk("are you a bot?", "how much is it?", "fitness", "who is it for?", "personal training")
    assert "an AI" in said[0]
    assert "$497" in said[1]
    assert said[2].endswith(FITNESS_TYPE)
    assert "Northstar Studio" in said[3]
    assert said[4].endswith(REVENUE)


async def test_a_refusal_ends_it() -> None:
    said = await talk("fitness", "no thanks, not interested")
    assert "?" not in said[1]


async def test_who_is_no_coach_is_told_so_kindly() -> None:
    assert UNFIT is not None
    assert (await talk("none of these, I sell cars")) == [UNFIT.message]
