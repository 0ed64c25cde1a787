"""One reply: first what the lead said or asked, then the one thing that is open."""

from agent.playbook.schema import Question
from agent.responders.base import Brief
from agent.responders.scripted.acknowledging import acknowledge
from agent.responders.scripted.asides import aside
from agent.responders.scripted.asking import put, put_after, put_again, still_open, waves_away
from agent.responders.scripted.doubts import answer_doubt, is_a_doubt
from agent.responders.scripted.joining import joined
from agent.responders.scripted.scene import Scene
from agent.responders.scripted.selling import (
    agreed,
    hand_over,
    invite_again,
    present,
    presented,
    put_off,
    wants_the_link,
)
from agent.responders.scripted.words import topics

_TOLD_WITH_THE_OFFER = {"price", "what", "included", "for_whom", "options", "duration", "start"}


def reply(brief: Brief) -> str:
    """The whole text."""
    scene = Scene(brief)
    if brief.disqualified_by:
        return brief.disqualified_by.message
    if brief.stage == "disqualified":
        return _after_the_end(scene)
    if brief.stage == "converted":
        return _after_the_payment(scene)
    if brief.agent == "objection_handler_agent" and is_a_doubt(scene):
        return answer_doubt(scene)
    return _qualifying(scene, brief.next_question) if brief.next_question else _closing(scene)


def _qualifying(scene: Scene, question: Question) -> str:
    if beside := aside(scene):
        return joined(beside, "" if beside.endswith("?") else put_after(scene, beside, question))
    if still_open(scene, question) and not scene.told:
        return put_again(scene, question)
    return joined(_moving_on(scene), put(scene, question, "still" if still_open(scene, question) else None))


def _moving_on(scene: Scene) -> str:
    """What to say to an answer; or that a question is let go which was put often enough."""
    asked = scene.brief.asked
    unanswered = not scene.told and bool(asked) and asked[-1] not in scene.brief.fields
    shrugged = scene.answered is not None and scene.answered.kind == "text" and waves_away(scene)
    return scene.pick("let_go") if unanswered or shrugged else acknowledge(scene)


def _closing(scene: Scene) -> str:
    offer = scene.brief.offer
    if offer is None:
        return aside(scene) or acknowledge(scene)
    asked = set(topics(scene.folded)) if scene.asks else set()
    if wants_the_link(scene):
        return joined(aside(scene) if asked - _TOLD_WITH_THE_OFFER else "", hand_over(scene, offer))
    if not presented(scene, offer):
        told_with_it = asked and asked <= _TOLD_WITH_THE_OFFER
        return joined("" if told_with_it else aside(scene) or _moving_on(scene), present(scene, offer))
    if put_off(scene):
        return scene.pick("not_now")
    if agreed(scene):
        return joined(scene.pick("agreed"), scene.pick("invite"))
    if beside := aside(scene):
        return joined(beside, "" if beside.endswith("?") else invite_again(scene))
    return joined(acknowledge(scene), invite_again(scene))


def _after_the_end(scene: Scene) -> str:
    if scene.brief.perception["intent"] == "refusal":
        return scene.pick("goodbye_again" if scene.said_any("goodbye") else "goodbye")
    return (aside(scene) if scene.asks else "") or scene.pick("after_end")


def _after_the_payment(scene: Scene) -> str:
    beside = aside(scene)
    if not scene.said_any("converted"):
        return joined(scene.pick("converted"), beside)
    return beside or scene.pick("converted_again")
