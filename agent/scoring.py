"""How far a lead is: what is known, what it is worth, and whether it is enough.

All of it in code, from the playbook's weights and the fields that were learned; no model has a say.
"""

import re
from collections.abc import Mapping, Sequence

from agent.playbook.schema import PLACEHOLDER, Disqualifier, FieldValue, Playbook, Question

Fields = Mapping[str, FieldValue]

TRIES_REQUIRED = 2
TRIES_OPTIONAL = 1


def score(playbook: Playbook, fields: Fields) -> float:
    """0 to 1: the weight of the answers that are known and fit, of the weight of all."""
    total = sum(question.weight for question in playbook.questions)
    known = sum(question.weight for question in playbook.questions if _fits(question, fields))
    return round(known / total, 4) if total else float(_required_known(playbook, fields))


def qualified(playbook: Playbook, fields: Fields) -> bool:
    """Nothing rules the lead out, every required answer is known, and the score is high enough."""
    return (
        disqualifier(playbook, fields) is None
        and _required_known(playbook, fields)
        and score(playbook, fields) >= playbook.qualified_at
    )


def disqualifier(playbook: Playbook, fields: Fields) -> Disqualifier | None:
    """The first rule that the answers break."""
    for question in playbook.questions:
        if question.disqualifies and _breaks(question.disqualifies, fields.get(question.field)):
            return question.disqualifies
    return None


def open_again(playbook: Playbook, fields: Fields) -> Question | None:
    """The question whose answer rules the lead out, where a later message can plainly correct it."""
    for question in playbook.questions:
        rule = question.disqualifies
        if rule and question.kind != "text" and _breaks(rule, fields.get(question.field)):
            return question
    return None


def next_question(playbook: Playbook, fields: Fields, asked: Sequence[str]) -> Question | None:
    """The one question to ask next, its words filled in; None when nothing is left to ask.

    A question that is still open comes again first; one that was put often enough is let go.
    """
    open_questions = [question for question in playbook.questions if question.field not in fields]
    patient = [question for question in open_questions if asked.count(question.field) < _tries(question)]
    again = [question for question in patient if asked and question.field == asked[-1]]
    fresh = [question for question in patient if question.field not in asked]
    chosen = next(iter([*again, *fresh, *patient]), None)
    return _filled_in(chosen, fields) if chosen else None


def _tries(question: Question) -> int:
    return TRIES_REQUIRED if question.required else TRIES_OPTIONAL


def _filled_in(question: Question, fields: Fields) -> Question:
    if "{" not in question.question:
        return question

    def words(match: re.Match[str]) -> str:
        value = fields.get(match[1])
        return f"{value}{match[0].partition('}')[2]}" if isinstance(value, str) else ""

    return question.model_copy(update={"question": PLACEHOLDER.sub(words, question.question)})


def _required_known(playbook: Playbook, fields: Fields) -> bool:
    return all(question.field in fields for question in playbook.questions if question.required)


def _fits(question: Question, fields: Fields) -> bool:
    if question.field not in fields:
        return False
    return not (question.disqualifies and _breaks(question.disqualifies, fields[question.field]))


def _breaks(rule: Disqualifier, value: FieldValue | None) -> bool:
    if value is None:
        return False
    if isinstance(value, bool):
        return rule.equals is value
    if isinstance(value, str):
        return _folded(value) in {
            _folded(word) for word in (rule.equals, *rule.one_of) if isinstance(word, str)
        }
    return (rule.below is not None and value < rule.below) or (
        not isinstance(rule.equals, (bool, str)) and rule.equals == value
    )


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())
