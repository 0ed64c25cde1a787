"""A bad playbook is refused with the path of each fault; the default one is good."""

import json
from collections import Counter
from typing import Any, get_args

import pytest

from agent.playbook.default import default_playbook
from agent.playbook.schema import ObjectionType
from agent.playbook.validation import validate
from core.errors import InvalidInput


def document() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(default_playbook().model_dump_json())
    return loaded


def test_the_default_playbook_comes_back_as_it_went_in() -> None:
    assert validate(document()) == default_playbook()


def test_the_default_playbook_is_complete() -> None:
    playbook = default_playbook()
    kinds = Counter(objection.type for objection in playbook.objections)
    assert kinds == Counter(get_args(ObjectionType))
    assert all(len(objection.examples) >= 8 for objection in playbook.objections)
    assert playbook.opening.endswith(playbook.questions[0].question.split(" ", 1)[1])
    assert [offer.id for offer in playbook.offers] == ["option1", "option2", "option3"]
    offer = playbook.offer("option2")
    assert offer is not None
    assert (offer.price, offer.currency) == (49_700, "USD")
    assert any(question.disqualifies for question in playbook.questions)
    assert playbook.never_promise


@pytest.mark.parametrize(
    ("change", "path"),
    [
        (lambda d: d["offers"][1].update(price="cheap"), "offers[1].price"),
        (lambda d: d["offers"][1].update(price=-1), "offers[1].price"),
        (lambda d: d["offers"][0].update(currency="dollars"), "offers[0].currency"),
        (lambda d: d["offers"][2].update(id="option1"), "offers"),
        (lambda d: d["questions"][1].update(field="Not A Slug"), "questions[1].field"),
        (lambda d: d["questions"][1].update(field="coaching_area"), "questions"),
        (lambda d: d["questions"][1].update(question="What {unknown} is it?"), "questions"),
        (lambda d: d["questions"][0].update(choices=[]), "questions[0]"),
        (lambda d: d["questions"][1].update(disqualifies={"below": 3, "message": "no"}), "questions[1]"),
        (lambda d: d["questions"][1].pop("why"), "questions[1].why"),
        (lambda d: d["objections"][0].update(type="weather"), "objections[0].type"),
        (lambda d: d["agent"].update(language="english"), "agent.language"),
        (lambda d: d.update(questions=[]), "questions"),
        (lambda d: d.update(discount="90%"), "discount"),
        (lambda d: d.pop("opening"), "opening"),
    ],
)
def test_each_fault_has_its_path(change: Any, path: str) -> None:
    bad = document()
    change(bad)
    with pytest.raises(InvalidInput) as refused:
        validate(bad)
    [fault] = refused.value.details["errors"]
    assert fault["path"] == path
    assert fault["message"]
    assert path in refused.value.message


def test_all_faults_are_told_at_once() -> None:
    bad = document()
    bad["offers"][0]["price"] = None
    bad["offers"][1]["name"] = ""
    with pytest.raises(InvalidInput) as refused:
        validate(bad)
    assert [e["path"] for e in refused.value.details["errors"]] == ["offers[0].price", "offers[1].name"]


@pytest.mark.parametrize("junk", [None, [], "playbook", 3])
def test_what_is_no_object_is_refused(junk: object) -> None:
    with pytest.raises(InvalidInput):
        validate(junk)
