"""One reply: first what the lead said or asked, then the one thing that is open."""

from agent.offers import best_offer
from agent.playbook.schema import Question
from agent.responders.base import Brief
from agent.responders.scripted.acknowledging import acknowledge
from agent.responders.scripted.asides import aside
from agent.responders.scripted.asking import put, put_after_an_aside, put_again, still_open
from agent.responders.scripted.doubts import answer_doubt
from agent.responders.scripted.joining import joined
from agent.responders.scripted.scene import Scene
from agent.responders.scripted.selling import hand_over, invite_again, present, presented, put_off
from agent.responders.scripted.words import has, topics

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
    if brief.agent == "objection_handler_agent":
        return answer_doubt(scene)
    return _closing(scene) if brief.agent == "closer_agent" else _qualifying(scene)


def _qualifying(scene: Scene) -> str:
    question = scene.brief.next_question
    if question is None:
        return _nothing_open(scene)
    if beside := aside(scene):
        return joined(beside, "" if beside.endswith("?") else put_after_an_aside(scene, question))
    if scene.told:
        return joined(
            acknowledge(scene), put(scene, question, "still" if still_open(scene, question) else None)
        )
    return put_again(scene, question) if still_open(scene, question) else _moving_on(scene, question)


def _moving_on(scene: Scene, question: Question) -> str:
    """The last question got no answer, and was put often enough."""
    open_still = scene.brief.asked and scene.brief.asked[-1] not in scene.brief.fields
    return joined(scene.pick("let_go") if open_still else acknowledge(scene), put(scene, question))


def _nothing_open(scene: Scene) -> str:
    """All questions were put, and the answers do not qualify: the offers stand open all the same."""
    offer = best_offer(scene.brief.playbook, scene.brief.fields)
    beside = aside(scene)
    if not presented(scene, offer):
        return joined(beside or scene.pick("exhausted"), present(scene, offer))
    return joined(beside or acknowledge(scene), scene.pick_fresh("anything_else"))


def _closing(scene: Scene) -> str:
    brief, offer = scene.brief, scene.brief.offer
    if offer is None:
        return aside(scene) or acknowledge(scene)
    asked = set(topics(scene.folded)) if scene.asks else set()
    if brief.perception["intent"] == "ready_to_buy" or (brief.checkout_url and has(scene.folded, "link")):
        return joined(aside(scene) if asked - _TOLD_WITH_THE_OFFER else "", hand_over(scene, offer))
    if not presented(scene, offer):
        told_with_it = asked and asked <= _TOLD_WITH_THE_OFFER
        return joined("" if told_with_it else aside(scene) or acknowledge(scene), present(scene, offer))
    if put_off(scene):
        return scene.pick("not_now")
    beside = aside(scene)
    return joined(beside or acknowledge(scene), "" if beside.endswith("?") else invite_again(scene))


def _after_the_end(scene: Scene) -> str:
    if scene.brief.perception["intent"] == "refusal":
        return scene.pick("goodbye_again" if scene.said_any("goodbye") else "goodbye")
    return (aside(scene) if scene.asks else "") or scene.pick("after_end")


def _after_the_payment(scene: Scene) -> str:
    beside = aside(scene)
    if not scene.said_any("converted"):
        return joined(scene.pick("converted"), beside)
    return beside or scene.pick("converted_again")
