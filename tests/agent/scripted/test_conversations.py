"""Whole conversations, from the opening to their end."""

import pytest

from agent.playbook.default import default_playbook
from agent.playbook.schema import FieldValue, ObjectionType
from agent.scoring import TRIES_REQUIRED
from tests.agent.scripted.playbooks import german_studio
from tests.agent.scripted.talking import LINK, Says, asks, documents, doubts, talk, tells

PLAYBOOK = default_playbook()
AREA, TYPE, REVENUE, SOURCE = (question.question for question in PLAYBOOK.questions[:4])
FITNESS_TYPE = "What type of fitness coaching do you offer right now?"
PROGRAM = PLAYBOOK.offers[1]
REQUIRED: dict[str, FieldValue] = {
    "coaching_area": "fitness",
    "business_type": "online training",
    "monthly_revenue": 4000.0,
    "client_source": "referrals",
}
ALL_OF_IT = tells("fitness, online training, 4k a month, by referrals", **REQUIRED)
BUYS = Says("I'll take it", "ready_to_buy")


def answer_to(objection: ObjectionType) -> str:
    return next(each.answer for each in PLAYBOOK.objections if each.type == objection)


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
    assert len(set(goodbyes)) == 3


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


async def test_it_says_that_it_is_an_ai_and_goes_back() -> None:
    bot = Says("are you a bot?", "asks_if_ai")
    said = await talk(bot, bot)
    assert all("AI" in reply.split(".")[0] for reply in said)
    assert said[0] != said[1]
    assert all(reply.endswith(AREA) for reply in said)


async def test_what_is_not_known_is_not_made_up() -> None:
    said = await talk(
        asks("what's the weather in Paris?"), asks("do you have parking?"), asks("who won the cup?")
    )
    unknown = ("I don't know that", "Honestly, I have nothing on that", "That's beyond what I know")
    assert all(reply.startswith(unknown) for reply in said)
    assert len({reply.split(".")[0] for reply in said}) == 3


async def test_a_question_that_was_just_read_three_times_is_left_out() -> None:
    said = await talk(*[asks(f"what about {thing}?") for thing in ("parking", "the weather", "the cup")])
    assert [AREA in reply for reply in said] == [True, True, False]


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


class TestDocuments:
    TEXT = (
        "# Sessions\n\nSessions take place every Tuesday at six. Each one is recorded.\n- Bring your own mat."
    )

    async def test_the_sentences_that_answer_are_quoted(self) -> None:
        said = await talk(
            asks("when do the sessions take place?"), knowledge=documents("Dana likes dogs a lot.", self.TEXT)
        )
        assert "Sessions take place every Tuesday at six." in said[0]
        assert "dogs" not in said[0]
        assert "#" not in said[0]
        assert said[0].endswith(AREA)

    async def test_no_price_link_or_promise_of_theirs_is_passed_on(self) -> None:
        texts = (
            "The course price is $300 this week.",
            "The course price is listed on https://elsewhere.example today.",
            "The course price is refunded within 90 days, guaranteed.",
        )
        for text in texts:
            said = await talk(asks("what about the course, is there a schedule?"), knowledge=documents(text))
            assert text not in said[0]

    async def test_what_only_comes_near_is_said_with_that_doubt(self) -> None:
        said = await talk(asks("hast du Hunde?"), knowledge=documents(self.TEXT))
        assert "not sure this answers it" in said[0]

    async def test_the_price_comes_from_the_playbook(self) -> None:
        said = await talk(
            asks("how much is it?"), knowledge=documents("How much it is: 300 dollars per month.")
        )
        assert "$497" in said[0]
        assert "300" not in said[0]


class TestLanguages:
    @pytest.mark.parametrize(
        ("language", "note"), [("de", "auf Englisch"), ("es", "en inglés"), ("fr", "en anglais")]
    )
    async def test_the_lead_is_told_once_that_the_questions_are_in_another_language(
        self, language: str, note: str
    ) -> None:
        said = await talk(
            tells("fitness", coaching_area="fitness"),
            tells("online", business_type="online"),
            language=language,
        )
        assert note in said[0]
        assert note not in said[1]

    async def test_there_is_no_such_note_where_both_are_the_same(self) -> None:
        said = await talk(tells("ja", pain=True), playbook=german_studio(), language="de")
        assert "Meine Fragen" not in said[0]

    async def test_prices_are_written_the_languages_way(self) -> None:
        said = [(await talk(asks("?? Preis"), language=language))[0] for language in ("de", "fr", "en")]
        assert "1.997 $" in said[0]
        assert "1\u00a0997 $" in said[1]
        assert "$1,997" in said[2]

    async def test_a_language_without_phrases_gets_english(self) -> None:
        said = await talk(Says("ciao", "asks_if_ai"), language="it")
        assert "AI" in said[0]
        assert said[0].endswith(AREA)


async def test_the_same_conversation_goes_the_same_way() -> None:
    lines = (tells("fitness", coaching_area="fitness"), asks("how much?"), doubts("too much", "price"))
    assert await talk(*lines) == await talk(*lines)


class TestOffersAreKeptApart:
    EARLY = tells(
        "just starting", **{**REQUIRED, "monthly_revenue": 500.0, "coaching_area": "mindset"}
    )  # the one for beginners, which has no sessions and no weeks

    @pytest.mark.parametrize("question", ["how long does it take?", "are the weekly sessions recorded?"])
    async def test_nothing_is_said_of_one_that_holds_for_another(self, question: str) -> None:
        said = await talk(self.EARLY, asks(question))
        assert PLAYBOOK.offers[0].summary in said[0]
        assert "Eight weeks" not in said[1]
        assert "group session" not in said[1]

    async def test_what_holds_for_one_is_said_with_its_name(self) -> None:
        said = await talk(asks("how long does it take?"), asks("are there group sessions?"))
        assert "Client Engine Program: Eight weeks" in said[0]
        assert "Private Partnership: Twelve weeks" in said[0]
        assert "Client Engine Program: Eight weeks" in said[1]

    async def test_one_that_was_asked_for_is_shown_without_recommending_it(self) -> None:
        said = await talk(ALL_OF_IT, asks("what about the Private Partnership?"))
        assert "fits you best" in said[0] or "point you to" in said[0]
        assert PLAYBOOK.offers[2].summary in said[1]
        assert not any(words in said[1] for words in ("fits you best", "point you to"))
