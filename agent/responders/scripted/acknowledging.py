"""Picking up what the lead just told, in half a sentence."""

from agent.playbook.schema import FieldValue, Question
from agent.responders.scripted.scene import Scene

_LONG = 14
"""Words from which on a message counts as telling a lot."""
_SHORT = 3
"""Words that can be taken up as they are."""


def acknowledge(scene: Scene) -> str:
    """A fresh one each time, fitted to what kind of answer it was."""
    question = scene.answered
    if len(scene.folded.split()) >= _LONG:
        return scene.pick("ack_long")
    if question is None:
        return scene.pick("ack")
    return _for_kind(scene, question, scene.brief.fields[question.field])


def _for_kind(scene: Scene, question: Question, value: FieldValue) -> str:
    if question.kind == "money":
        return scene.pick("ack_zero" if value == 0 else "ack_money")
    if question.kind == "number":
        return scene.pick("ack_number")
    if question.kind == "yes_no":
        return scene.pick("ack_yes_no")
    if question.disqualifies and question.kind == "choice":
        return scene.pick("ack_fits")
    if isinstance(value, str) and _can_be_taken_up(scene, value):
        kind = "ack_choice" if question.kind == "choice" else "ack_short"
        return scene.pick(kind, value=value[:1].upper() + value[1:])
    return scene.pick("ack")


def _can_be_taken_up(scene: Scene, value: str) -> bool:
    following = scene.brief.next_question
    repeated = following is not None and value.casefold() in following.question.casefold()
    return len(value.split()) <= _SHORT and value.casefold() in scene.folded and not repeated
