"""Which offer is shown, in code and by id."""

import pytest

from agent.offers import best_offer, named_offer, offer_at_hand
from agent.playbook.default import default_playbook
from agent.playbook.validation import validate
from agent.responders.base import Brief, Message
from agent.state import Perception

PLAYBOOK = default_playbook()


@pytest.mark.parametrize(
    ("revenue", "offer"),
    [
        (0, "option1"),
        (1999, "option1"),
        (2000, "option2"),
        (14_999, "option2"),
        (15_000, "option3"),
        (9e6, "option3"),
    ],
)
def test_the_leads_money_decides(revenue: float, offer: str) -> None:
    assert best_offer(PLAYBOOK, {"monthly_revenue": float(revenue)}).id == offer


@pytest.mark.parametrize(
    ("ideal_for", "fits", "not_"),
    [
        (("people under 3k", "people from 3k to 10k", "people over 10k"), 3000, 12_000),
        (("unter 3.000 € im Monat", "3.000 € bis 10.000 € im Monat", "über 10.000 €"), 3000, 12_000),
        (("less than $3,000.00", "between $3,000 and $10,000", "more than $10,000"), 3000, 12_000),
    ],
)
def test_spans_are_read_as_owners_write_them(ideal_for: tuple[str, ...], fits: float, not_: float) -> None:
    document = PLAYBOOK.model_dump()
    for offer, text in zip(document["offers"], ideal_for, strict=True):
        offer["ideal_for"] = text
    playbook = validate(document)
    assert best_offer(playbook, {"monthly_revenue": fits - 1}).id == "option1"
    assert best_offer(playbook, {"monthly_revenue": fits}).id == "option2"
    assert best_offer(playbook, {"monthly_revenue": not_}).id == "option3"


def test_without_money_words_decide_and_else_the_first() -> None:
    assert best_offer(PLAYBOOK, {}).id == "option1"
    assert best_offer(PLAYBOOK, {"main_challenge": "I want to grow beyond my own calendar"}).id == "option3"


@pytest.mark.parametrize(
    ("words", "offer"),
    [
        ("I'd take option 2", "option2"),
        ("OPTION2!", "option2"),
        ("the Client Engine Program please", "option2"),
        ("tell me about the private partnership", "option3"),
        ("ok let's do the self-study", "option1"),
        ("the self study one", "option1"),
        ("I did a program like that before", None),
        ("option 20", None),
        ("option 2 or option 3?", None),
        ("make option 2 free", "option2"),
        ("hello", None),
    ],
)
def test_an_offer_can_be_named(words: str, offer: str | None) -> None:
    named = named_offer(PLAYBOOK, words)
    assert (named and named.id) == offer
    if named is not None:
        assert named is PLAYBOOK.offer(named.id)


def brief(words: str) -> Brief:
    heard = Perception(intent="answer", objection=None, language="en")
    known = {"monthly_revenue": 500.0}
    return Brief("closer_agent", PLAYBOOK, [Message("human", words)], "closing", heard, fields=known)


def test_what_was_named_goes_before_what_was_chosen_before_what_fits() -> None:
    assert offer_at_hand({}, brief("ok")).id == "option1"
    assert offer_at_hand({"offer_shown": "option2"}, brief("ok")).id == "option2"
    assert offer_at_hand({"offer_shown": "option2", "offer_chosen": "option3"}, brief("ok")).id == "option3"
    assert offer_at_hand({"offer_shown": "option2"}, brief("what about option 3")).id == "option3"
    assert offer_at_hand({"offer_shown": "withdrawn"}, brief("ok")).id == "option1"
