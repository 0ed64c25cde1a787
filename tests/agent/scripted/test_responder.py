"""The responder's own face: pieces of text, and a reading of what was understood."""

import dataclasses

import pytest

from agent.playbook.default import default_playbook
from agent.responders.base import Brief, Message, Reading, Responder
from agent.responders.scripted import ScriptedResponder
from agent.state import ObjectionMet, Perception

PLAYBOOK = default_playbook()


def brief(words: str, perception: Perception) -> Brief:
    return Brief(
        agent="qualifier_agent",
        playbook=PLAYBOOK,
        messages=[Message("ai", PLAYBOOK.opening), Message("human", words)],
        stage="qualification",
        perception=perception,
        fields={"coaching_area": "fitness", "monthly_revenue": 4000.0},
        asked=["coaching_area"],
        next_question=PLAYBOOK.questions[3],
    )


ANSWER = brief("fitness, 4k a month", {"intent": "answer", "objection": None, "language": "en"})


async def test_it_says_what_it_is() -> None:
    responder: Responder = ScriptedResponder()
    assert (responder.name, responder.scripted) == ("scripted", True)


async def test_the_reply_comes_word_by_word() -> None:
    pieces = [piece async for piece in ScriptedResponder().stream(ANSWER)]
    assert len(pieces) == len("".join(pieces).split())
    assert "".join(pieces).endswith(PLAYBOOK.questions[3].question)


async def test_who_stops_listening_can_close_the_reply() -> None:
    stream = ScriptedResponder().stream(ANSWER)
    assert await anext(stream)
    await stream.aclose()
    with pytest.raises(StopAsyncIteration):
        await anext(stream)


async def test_the_reading_is_what_was_understood() -> None:
    reading = await ScriptedResponder().read(ANSWER)
    assert reading.intent == "answer"
    assert {heard.field: heard.value for heard in reading.fields} == ANSWER.fields
    assert (reading.objection, reading.chosen_offer, reading.language) == (None, None, "en")


async def test_a_doubt_is_read_with_the_leads_words() -> None:
    doubt = brief("too expensive", {"intent": "objection", "objection": "price", "language": "en"})
    reading = await ScriptedResponder().read(doubt)
    assert reading.objection is not None
    assert (reading.objection.type, reading.objection.words) == ("price", "too expensive")


@pytest.mark.parametrize(
    ("words", "offer"),
    [("I'll take option 3", "option3"), ("I'll take it", None), ("the Client Engine", None)],
)
async def test_who_buys_has_settled_the_doubt_and_may_name_the_offer(words: str, offer: str | None) -> None:
    met = [ObjectionMet(type="price", words="too much", answered=True)]
    wants = brief(words, {"intent": "ready_to_buy", "objection": None, "language": "en"})
    reading: Reading = await ScriptedResponder().read(dataclasses.replace(wants, objections=met))
    assert (reading.chosen_offer, reading.objection_settled) == (offer, True)
    assert not (await ScriptedResponder().read(wants)).objection_settled


async def test_naming_an_offer_is_not_choosing_it() -> None:
    asks = brief("what is option 3?", {"intent": "question", "objection": None, "language": "en"})
    assert (await ScriptedResponder().read(asks)).chosen_offer is None


@pytest.mark.parametrize("words", ["\ud800", "?" * 4000, "🙂", "{name}", "a\u0000b", "%s {0}"])
async def test_odd_words_are_answered_like_any(words: str) -> None:
    odd = brief(words, {"intent": "question", "objection": None, "language": "xx"})
    assert "".join([piece async for piece in ScriptedResponder().stream(odd)])


async def test_after_the_easier_question_comes_a_way_out() -> None:
    easier = f"A few words are enough: {PLAYBOOK.questions[3].question}"
    unclear = brief("hmhm", {"intent": "small_talk", "objection": None, "language": "en"})
    asked_twice = dataclasses.replace(
        unclear,
        messages=[Message("ai", easier), Message("human", "hmhm")],
        fields={},
        asked=["client_source", "client_source"],
    )
    reply = "".join([piece async for piece in ScriptedResponder().stream(asked_twice)])
    assert reply.endswith(PLAYBOOK.questions[3].question)
    assert any(way_out in reply for way_out in ("don't have to answer", "rather leave it open"))
