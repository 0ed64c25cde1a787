"""What the lead asks is answered from the playbook and the documents, or not at all."""

import pytest

from tests.agent.scripted.known import ALL_OF_IT, AREA, FITNESS_TYPE, PLAYBOOK, PROGRAM, REQUIRED
from tests.agent.scripted.playbooks import ABO, german_studio
from tests.agent.scripted.talking import Says, asks, documents, talk, tells


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


async def test_two_questions_get_two_answers_and_the_same_one_gets_one() -> None:
    said = await talk(
        asks("how much is it, and who are you?"), asks("what does it cost, any discount on the price?")
    )
    assert said[0].index("$497") < said[0].index("Riley")
    assert said[1].count("$497") == 1
    assert said[1].index("can't change the price") < said[1].index("$97")


async def test_why_is_answered_with_the_reason_unless_it_talks_about_the_lead() -> None:
    known = tells("fitness", coaching_area="fitness")
    said = await talk(known, asks("why do you ask?"))
    assert PLAYBOOK.questions[1].why in said[1]
    about_the_lead = [{"field": "first", "question": "What is it?", "why": "The lead wants it solved."}]
    playbook = german_studio(questions=about_the_lead, opening="What is it?")
    said = await talk(asks("why do you ask?"), playbook=playbook)
    assert "The lead" not in said[0]
    assert "It helps me to see whether this fits you" in said[0]


async def test_why_this_offer_is_answered_with_who_it_is_for() -> None:
    said = await talk(ALL_OF_IT, asks("why?"))
    assert f"ideal for {PROGRAM.ideal_for}" in said[1]


async def test_results_are_not_promised() -> None:
    said = await talk(asks("do you guarantee clients?"), asks("guaranteed?"), playbook=german_studio())
    assert said[0].startswith("I can't promise you a result")
    said = await talk(asks("do you guarantee clients?"))
    assert "What I can't do is promise you an income." in said[0]


async def test_a_business_of_three_words_can_be_asked_about() -> None:
    said = await talk(
        asks("who are you?"), asks("is it for me?"), playbook=german_studio(business="Yoga in Köln")
    )
    assert all("Yoga in Köln" in reply for reply in said[:1])
    assert said[1]


async def test_a_long_answer_and_the_question_are_two_paragraphs() -> None:
    said = await talk(asks("what is this?"), asks("do you have a phone number?"))
    answer, question = said[0].split("\n\n")
    assert answer.startswith("Northstar Studio")
    assert question.endswith(AREA)
    assert "\n" not in said[1]


async def test_an_answer_to_a_doubt_is_not_quoted_for_a_word_that_it_shares() -> None:
    said = await talk(asks("when does it start?"), asks("is it crowded, or a full month?"))
    assert "starting later" not in said[0]
    assert said[0].startswith(("I don't know", "Honestly", "That's beyond"))
    assert "this month really is full" in said[1]


async def test_what_the_business_says_of_itself_is_found_by_a_word() -> None:
    said = await talk(asks("who is Dana?"), asks("do I get access right after the payment?"))
    assert "Dana Reyes founded it" in said[0]
    assert "Right after the payment you get access by email." in said[1]


async def test_what_only_sounds_like_a_question_is_not_left_for_the_team() -> None:
    said = await talk(tells("fitness", coaching_area="fitness"), asks("closing sales calls"))
    assert "The team" not in said[1]
    assert said[1].endswith(FITNESS_TYPE)


async def test_the_only_option_is_told_with_its_price() -> None:
    said = await talk(asks("which options are there?"), playbook=german_studio())
    assert str(ABO["summary"]) in said[0]
    assert "€49 per month" in said[0]


async def test_of_many_offers_only_the_cheapest_and_the_dearest_are_told() -> None:
    sizes = {"Mittel": 3000, "Klein": 1000, "Riesig": 5000, "Schmal": 2000, "Breit": 4000}
    offers = [{**ABO, "id": name.lower(), "name": name, "price": price} for name, price in sizes.items()]
    said = await talk(asks("how much is it?"), playbook=german_studio(offers=offers))
    assert "There are 5 options" in said[0]
    assert [price in said[0] for price in ("€10", "€20", "€30", "€40", "€50")] == [
        True,
        False,
        False,
        False,
        True,
    ]
