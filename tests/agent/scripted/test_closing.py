"""The offer, the link, and what is said around them."""

from tests.agent.scripted.known import ALL_OF_IT, PLAYBOOK, PROGRAM
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
