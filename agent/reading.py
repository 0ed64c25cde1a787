"""How a reading corrects what was understood locally: fields by kind, the intent, the objection."""

import re
from collections.abc import Mapping, Sequence

from agent.playbook.schema import FieldValue, Playbook, Question
from agent.responders.base import Reading
from agent.state import ObjectionMet, Perception
from agent.storable import storable

LONGEST_VALUE = 300
OBJECTIONS_KEPT = 50
_NUMBER = re.compile(r"(\d+(?:[.,]\d+)*)\s?([km])?\b", re.IGNORECASE)
_UNIT = {"k": 1e3, "m": 1e6}
_YES, _NO = frozenset({"true", "yes", "y", "1"}), frozenset({"false", "no", "n", "0"})


def learned(playbook: Playbook, fields: Mapping[str, FieldValue], reading: Reading) -> dict[str, FieldValue]:
    """``fields`` with what the reading found; what the playbook does not ask for is dropped."""
    found = dict(fields)
    for heard in reading.fields:
        question = playbook.question_for(heard.field)
        value = typed(question, heard.value) if question else None
        if value is not None:
            found[heard.field] = value
    return found


def typed(question: Question, value: FieldValue) -> FieldValue | None:
    """``value`` as the question's kind holds it, or None when it is no such thing."""
    if question.kind == "yes_no":
        return _yes_no(value)
    if question.kind in ("number", "money"):
        return _number(value)
    text = clean(str(value))
    if question.kind == "choice":
        return next((choice for choice in question.choices if choice.casefold() == text.casefold()), None)
    return text or None


def objections_after(
    met: Sequence[ObjectionMet], heard: Perception, reading: Reading | None, words: str, *, answered: bool
) -> list[ObjectionMet]:
    """The objections met, this message's last.

    What was heard locally counts where it was ``answered`` as such; a reading has the last word on whether
    there is an objection, and of which type.
    """
    kind = heard["objection"] if answered else None
    if reading is not None and reading.objection is not None:
        kind, words = reading.objection.type, reading.objection.words
    elif reading is not None and reading.intent != "objection":
        kind = None
    settled = reading is not None and reading.objection_settled
    after = [ObjectionMet(**{**earlier, "answered": True}) for earlier in met] if settled else list(met)
    if kind is not None:
        after.append(ObjectionMet(type=kind, words=clean(words), answered=answered))
    return after[-OBJECTIONS_KEPT:]


def clean(text: str, longest: int = LONGEST_VALUE) -> str:
    """Fit to be kept: one line, bounded."""
    return " ".join(storable(text).split())[:longest]


def _yes_no(value: FieldValue) -> bool | None:
    if isinstance(value, bool):
        return value
    word = str(value).strip().casefold()
    return True if word in _YES else False if word in _NO else None


def _number(value: FieldValue) -> float | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, (int, float)):
        return float(value) if abs(value) < 1e15 else None
    found = _NUMBER.search(value)
    if not found:
        return None
    digits = re.sub(r"[.,](?=\d{3}(?!\d))", "", found[1]).replace(",", ".")
    return float(digits) * _UNIT.get((found[2] or "").lower(), 1) if digits.count(".") <= 1 else None
