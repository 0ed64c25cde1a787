"""What the lead says that is no answer to a question of ours: questions, greetings, thanks."""

from agent.responders.scripted.acknowledging import for_kind, tells_a_lot
from agent.responders.scripted.answers import answer
from agent.responders.scripted.joining import joined
from agent.responders.scripted.scene import Scene
from agent.responders.scripted.words import has, only_greets, topics

_TAKEN_UP_FIRST = ("choice", "money")
_TOO_SHORT = 2
"""Words of a question that say nothing about what is asked."""


def aside(scene: Scene) -> str:
    """What to say to it; empty where the lead said nothing of the kind."""
    if scene.brief.perception["intent"] == "asks_if_ai":
        return scene.pick("ai_again" if scene.said_any("ai") else "ai", name=scene.brief.playbook.agent.name)
    if has(scene.folded, "puzzled"):
        return "" if scene.brief.next_question else scene.pick("pardon")
    if scene.asks:
        return joined(_taken_up(scene), _answered(scene))
    if only_greets(scene.folded):
        return scene.pick("greeting")
    return scene.pick("welcome") if has(scene.folded, "thanks") and not scene.told else ""


def _answered(scene: Scene) -> str:
    """A bare "really?" is met with a question back, where none of ours is open."""
    bare = len(scene.folded.split()) <= _TOO_SHORT and not topics(scene.folded)
    if not bare or scene.brief.passages:
        return answer(scene)
    return "" if scene.told or scene.brief.next_question else scene.pick("pardon")


def _taken_up(scene: Scene) -> str:
    """A fact that came with the question is not passed over."""
    question = scene.answered
    if question is not None and question.kind in _TAKEN_UP_FIRST:
        return for_kind(scene, question, scene.brief.fields[question.field])
    return scene.pick("ack_long") if scene.told and tells_a_lot(scene) else ""
