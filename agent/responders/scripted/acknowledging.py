"""Picking up what the lead just told, in half a sentence."""

from agent.playbook.schema import FieldValue, Question
from agent.responders.scripted.scene import Scene
from agent.responders.scripted.words import themes

_LONG = 16
"""Words from which on a message tells a lot."""
_NAMES = ("name", "first_name")
_SHORT = 3
"""Words that can be taken up as they are."""


def acknowledge(scene: Scene) -> str:
    """By what the answer is about, else by what kind of answer it was; a fresh phrase each time."""
    question = scene.answered
    if question is None or question.kind == "text":
        about = next(filter(None, (scene.pick_fresh(f"theme_{name}") for name in themes(scene.folded))), "")
        if about:
            return about
    if tells_a_lot(scene):
        return scene.pick("ack_long")
    return for_kind(scene, question, scene.brief.fields[question.field]) if question else scene.pick("ack")


def tells_a_lot(scene: Scene) -> bool:
    """Whether the message is long enough to be thanked for it."""
    return len(scene.folded.split()) >= _LONG


def for_kind(scene: Scene, question: Question, value: FieldValue) -> str:
    """By the kind of the question that was answered."""
    if question.kind == "money":
        return scene.pick("ack_zero" if value == 0 else "ack_money")
    if question.kind == "number":
        return scene.pick("ack_number")
    if question.kind == "yes_no":
        return scene.pick("ack_yes_no")
    if question.kind == "choice" and question.disqualifies:
        return scene.pick("ack_fits")
    if isinstance(value, str) and _can_be_taken_up(scene, value):
        kind = "ack_choice" if question.kind == "choice" else "ack_short"
        kind = "name" if question.field in _NAMES else kind
        return scene.pick(kind, value=value[:1].upper() + value[1:])
    return scene.pick("ack")


def _can_be_taken_up(scene: Scene, value: str) -> bool:
    following = scene.brief.next_question
    repeated = following is not None and value.casefold() in following.question.casefold()
    plain = value.replace(" ", "").isalpha() and len(value.split()) <= _SHORT
    return plain and not repeated and value.casefold() in scene.words.casefold()
