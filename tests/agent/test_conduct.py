"""How the agent conducts a sale: one question at a time, back after a doubt, no after a no."""

from collections.abc import Mapping, Sequence

import pytest

from agent.playbook.default import default_playbook
from agent.playbook.schema import FieldValue, Playbook
from agent.playbook.validation import validate
from agent.responders.base import FieldHeard, ObjectionHeard, Reading
from agent.state import Perception
from core.errors import Unavailable
from tests.agent.conversation import Conversation, hears

Q, C = "qualification", "closing"
UNFIT = "none of these"


REQUIRED: dict[str, FieldValue] = {
    "coaching_area": "fitness",
    "business_type": "online coaching",
    "monthly_revenue": 5000.0,
    "client_source": "referrals",
}


async def in_closing() -> Conversation:
    talk = Conversation()
    await talk.says("all of it", heard=hears(facts=REQUIRED), reply="The program. Shall I send the link?")
    return talk


async def test_it_asks_one_question_after_the_other_and_never_what_is_known() -> None:
    talk = Conversation()
    await talk.says("Yes, fitness", heard=hears(facts={"coaching_area": "fitness"}))
    assert talk.brief.next_question is not None
    assert talk.brief.next_question.question == "What type of fitness coaching do you offer right now?"
    assert talk.settled["asked"] == ["coaching_area", "business_type"]
    assert talk.settled["questions_asked"] == 1

    await talk.says(
        "Online, by word of mouth",
        heard=hears(facts={"business_type": "online", "client_source": "word of mouth"}),
    )
    assert talk.brief.next_question is not None
    assert talk.brief.next_question.field == "monthly_revenue"
    assert talk.settled["next_prompt"] == talk.brief.next_question.question
    assert talk.settled["open_field"] == "monthly_revenue"
    assert not talk.settled["qualified"]

    await talk.says("5k", heard=hears(facts={"monthly_revenue": 5000.0}))
    assert (talk.settled["stage"], talk.settled["qualified"], talk.settled["score"]) == (C, True, 0.85)
    assert talk.brief.next_question is None
    assert talk.settled["next_prompt"] is None
    assert talk.settled["questions_asked"] == 2


async def test_a_question_that_was_not_put_is_not_counted() -> None:
    talk = Conversation()
    await talk.says("hi", reply="Nice to meet you.")
    assert talk.settled["asked"] == ["coaching_area"]
    assert talk.settled["next_prompt"]


async def test_coming_back_to_a_question_is_not_asking_it_again() -> None:
    talk = Conversation()
    for detour in (hears("question"), hears("asks_if_ai"), hears("objection", "trust"), hears("question")):
        await talk.says("first tell me this", heard=detour)
        assert talk.settled["asked"] == ["coaching_area"]
        assert talk.settled["open_field"] == "coaching_area"


async def test_when_nothing_is_left_to_ask_the_offer_is_shown() -> None:
    talk = Conversation()
    turns = 0
    while talk.settled.get("stage") != C:
        await talk.says("dunno", heard=hears("answer"))
        turns += 1
    assert (talk.settled["agent"], talk.settled["qualified"]) == ("closer_agent", False)
    assert talk.settled["offer_shown"] == "option1"
    assert turns == 10  # four required questions twice, the optional two once, and then the offer
    await talk.says("ok", heard=hears("small_talk"))
    assert talk.settled["stage"] == C


async def test_the_offer_that_fits_is_shown_with_the_last_answer() -> None:
    talk = await in_closing()
    assert talk.settled["agent"] == "closer_agent"
    assert talk.brief.offer is talk.playbook.offer("option2")
    assert talk.brief.checkout_url is None
    assert (talk.settled["offer_shown"], talk.settled["offer_chosen"]) == ("option2", None)


async def test_the_link_is_made_for_the_offer_by_its_id_once_it_is_wanted() -> None:
    asked = []

    async def checkout(offer_id: str) -> str:
        asked.append(offer_id)
        return f"https://pay.example/{offer_id}"

    talk = await in_closing()
    await talk.says("what is in it?", heard=hears("question"), checkout=checkout)
    assert asked == []
    await talk.says("take it for $1", heard=hears("ready_to_buy"), reply="Sure.", checkout=checkout)
    assert asked == ["option2"]
    assert talk.brief.checkout_url == talk.settled["checkout_url"] == "https://pay.example/option2"
    assert talk.brief.offer is talk.playbook.offer("option2")
    assert talk.settled["offer_chosen"] == "option2"
    await talk.says("where is the link?", heard=hears("question"), checkout=checkout)
    assert talk.brief.checkout_url == "https://pay.example/option2"
    await talk.says("rather option 3", heard=hears("ready_to_buy"), checkout=checkout)
    assert talk.settled["offer_chosen"] == "option3"
    assert asked == ["option2", "option2", "option3"]


async def test_a_checkout_that_is_away_does_not_break_the_reply() -> None:
    async def checkout(offer_id: str) -> str:
        raise Unavailable("away")

    talk = await in_closing()
    await talk.says("yes", heard=hears("ready_to_buy"), checkout=checkout)
    assert talk.settled["checkout_url"] is None
    assert talk.settled["offer_chosen"] == "option2"


async def test_a_reading_cannot_choose_what_is_not_sold() -> None:
    talk = await in_closing()
    reading = Reading(intent="ready_to_buy", chosen_offer="option9")
    await talk.says("yes", heard=hears("ready_to_buy"), reading=reading)
    assert talk.settled["offer_chosen"] == "option2"


@pytest.mark.parametrize("stage", [Q, C])
async def test_a_doubt_is_answered_and_leads_back(stage: str) -> None:
    talk = await in_closing() if stage == C else Conversation()
    await talk.says("too expensive", heard=hears("objection", "price"), reply="I hear you. Is that fair?")
    assert (talk.settled["agent"], talk.settled["stage"]) == ("objection_handler_agent", "objection_handling")
    assert talk.settled["objections"] == [{"type": "price", "words": "too expensive", "answered": True}]
    assert (talk.brief.offer is not None) == (stage == C)
    assert (talk.brief.next_question is not None) == (stage == Q)

    await talk.says("ok", heard=hears("small_talk"))
    assert talk.settled["stage"] == stage
    assert talk.settled["agent"] == ("closer_agent" if stage == C else "qualifier_agent")


async def test_the_reading_finds_a_doubt_that_was_missed() -> None:
    talk = Conversation()
    missed = Reading(intent="objection", objection=ObjectionHeard(type="trust", words="sounds fishy"))
    await talk.says("hm, sounds fishy", reading=missed)
    assert talk.settled["objections"] == [{"type": "trust", "words": "sounds fishy", "answered": False}]


@pytest.mark.parametrize("stage", [Q, C])
async def test_a_no_is_a_no(stage: str) -> None:
    talk = await in_closing() if stage == C else Conversation()
    await talk.says("no thanks", heard=hears("refusal"), reply="All right, take care.")
    assert (talk.settled["stage"], talk.settled["ending"]) == ("disqualified", "refused")
    assert (talk.brief.offer, talk.brief.next_question, talk.brief.disqualified_by) == (None, None, None)

    for later in (hears("small_talk"), hears("question"), hears("objection", "price"), hears()):
        await talk.says("by the way", heard=later)
        assert talk.settled["ending"] == "refused"
        assert (talk.brief.offer, talk.brief.next_question) == (None, None)

    await talk.says("I changed my mind, I want it", heard=hears("ready_to_buy"))
    assert (talk.settled["stage"], talk.settled["ending"]) == (C, None)
    assert talk.brief.offer is not None


async def test_a_no_that_only_the_reading_heard_holds_from_then_on() -> None:
    talk = Conversation()
    await talk.says("nah leave it", reading=Reading(intent="refusal"))
    assert talk.settled["ending"] == "refused"
    await talk.says("hm", heard=hears("small_talk"))
    assert talk.brief.next_question is None


async def test_a_no_that_was_misheard_ends_nothing() -> None:
    talk = Conversation()
    reading = Reading(intent="answer", fields=[FieldHeard(field="client_source", value="no ads, referrals")])
    await talk.says("no ads, only referrals", heard=hears("refusal"), reading=reading)
    assert (talk.settled["stage"], talk.settled["ending"]) == (Q, None)


async def test_who_is_no_fit_is_told_once_and_may_correct_it() -> None:
    talk = Conversation()
    await talk.says(
        "I sell cars", heard=hears(facts={"coaching_area": UNFIT}), reply="Then this isn't for you."
    )
    assert talk.brief.disqualified_by is talk.playbook.questions[0].disqualifies
    assert (talk.settled["stage"], talk.settled["ending"]) == ("disqualified", "unfit")
    await talk.says("ok", heard=hears("small_talk"))
    assert talk.brief.disqualified_by is None
    assert talk.brief.next_question is None
    await talk.says("well, I do coach fitness too", heard=hears(facts={"coaching_area": "fitness"}))
    assert (talk.settled["stage"], talk.settled["ending"]) == (Q, None)
    assert talk.brief.next_question is not None


async def test_the_answer_that_ruled_a_lead_out_is_open_again() -> None:
    talk = Conversation()
    await talk.says("no", heard=hears(facts={"coaching_area": UNFIT}))
    given = []

    def perceive(
        playbook: Playbook, messages: object, asked: Sequence[str], fields: Mapping[str, FieldValue]
    ) -> tuple[Perception, dict[str, FieldValue]]:
        given.append((list(asked), dict(fields)))
        return Perception(intent="answer", objection=None, language="en"), {}

    await talk.says("or perhaps I do", heard=perceive)
    assert given == [(["coaching_area", "coaching_area"], {})]
    assert talk.settled["fields"] == {"coaching_area": UNFIT}
    assert talk.settled["asked"] == ["coaching_area"]


async def test_who_only_the_reading_found_unfit_is_told_in_the_next_turn() -> None:
    talk = Conversation()
    reading = Reading(intent="answer", fields=[FieldHeard(field="coaching_area", value=UNFIT)])
    await talk.says("cars, mostly", reading=reading)
    assert talk.settled["stage"] == "disqualified"
    await talk.says("so?", heard=hears("question"))
    assert talk.brief.disqualified_by is not None
    assert talk.settled["ending"] == "unfit"
    await talk.says("ok", heard=hears("small_talk"))
    assert talk.brief.disqualified_by is None


async def test_a_payment_is_recorded_by_the_input_and_ends_the_selling() -> None:
    talk = await in_closing()
    await talk.says("done!", heard=hears("ready_to_buy"), state={"stage": "converted"}, reply="Welcome.")
    assert (talk.settled["stage"], talk.settled["qualified"]) == ("converted", True)
    assert talk.brief.checkout_url is None
    doubt = Reading(intent="objection", objection=ObjectionHeard(type="trust", words="one more doubt"))
    await talk.says("one more doubt", heard=hears("objection", "trust"), reading=doubt)
    assert talk.settled["objections"] == []
    assert (talk.settled["stage"], talk.settled["agent"]) == ("converted", "closer_agent")


async def test_it_keeps_to_the_leads_language_or_to_the_owners() -> None:
    talk = Conversation()
    await talk.says("Hallo", heard=hears(language="de"))
    assert (talk.brief.perception["language"], talk.settled["language"]) == ("de", "de")
    await talk.says("ok", heard=hears(language="en"), reading=Reading(language="de"))
    assert talk.settled["language"] == "de"

    talk = Conversation(only_french())
    await talk.says("Hallo", heard=hears(language="de"), reading=Reading(language="de"))
    assert (talk.brief.perception["language"], talk.settled["language"]) == ("fr", "fr")


def only_french() -> Playbook:
    document = default_playbook().model_dump()
    document["agent"]["language"] = "fr"
    return validate(document)


async def test_five_hundred_messages_remember_as_much_as_five() -> None:
    talk = Conversation()
    for number in range(40):
        await talk.says(f"message {number}", heard=hears("small_talk"))
    assert len(talk.brief.messages) <= 24
    assert talk.brief.messages[-1].content == "message 39"
    assert len(talk.settled["asked"]) < 30
