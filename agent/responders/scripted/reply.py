"""One reply: first what the lead said or asked, then the one thing that is open."""

from agent.offers import best_offer
from agent.responders.base import Brief
from agent.responders.scripted.acknowledging import acknowledge, for_kind
from agent.responders.scripted.answers import answer
from agent.responders.scripted.asking import put, put_again, unclear
from agent.responders.scripted.doubts import answer_doubt
from agent.responders.scripted.joining import joined
from agent.responders.scripted.scene import Scene
from agent.responders.scripted.selling import hand_over, invite_again, present, presented
from agent.responders.scripted.words import has, only_greets, topics

_ANSWERED_BY_THE_OFFER = {"price", "what", "included", "for_whom", "options", "duration", "start"}
_TAKEN_UP_BEFORE_AN_ANSWER = ("choice", "money")


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
        return _doubted(scene)
    return _closing(scene) if brief.agent == "closer_agent" else _qualifying(scene)


def _qualifying(scene: Scene) -> str:
    question = scene.brief.next_question
    if question is None:
        return _nothing_open(scene)
    if beside := _beside_the_point(scene):
        return joined(beside, put(scene, question, "back" if scene.again else "from_me"))
    if unclear(scene):
        return put_again(scene, question)
    return joined(acknowledge(scene), put(scene, question, "still" if scene.again else None))


def _beside_the_point(scene: Scene) -> str:
    """What to say to a question, a greeting or thanks: something else than an answer."""
    if scene.brief.perception["intent"] == "asks_if_ai":
        return scene.pick("ai_again" if scene.said_any("ai") else "ai", name=scene.brief.playbook.agent.name)
    if scene.asks:
        return joined(_taken_up(scene), answer(scene))
    if only_greets(scene.folded):
        return scene.pick("greeting")
    return scene.pick("welcome") if has(scene.folded, "thanks") and not scene.told else ""


def _taken_up(scene: Scene) -> str:
    question = scene.answered
    if question is None or question.kind not in _TAKEN_UP_BEFORE_AN_ANSWER:
        return ""
    return for_kind(scene, question, scene.brief.fields[question.field])


def _nothing_open(scene: Scene) -> str:
    """All questions were put, and the answers do not qualify: the offers stand open all the same."""
    offer = best_offer(scene.brief.playbook, scene.brief.fields)
    beside = _beside_the_point(scene)
    if not presented(scene, offer):
        return joined(beside or scene.pick("exhausted"), present(scene, offer))
    return joined(beside or acknowledge(scene), scene.pick("anything_else"))


def _closing(scene: Scene) -> str:
    brief, offer = scene.brief, scene.brief.offer
    if offer is None:
        return _beside_the_point(scene) or acknowledge(scene)
    asked = set(topics(scene.folded)) if scene.asks else set()
    if brief.perception["intent"] == "ready_to_buy" or (brief.checkout_url and has(scene.folded, "link")):
        return joined(answer(scene) if asked - _ANSWERED_BY_THE_OFFER else "", hand_over(scene, offer))
    if not presented(scene, offer):
        answered_by_it = asked and asked <= _ANSWERED_BY_THE_OFFER
        first = "" if answered_by_it else _beside_the_point(scene) or acknowledge(scene)
        return joined(first, present(scene, offer))
    return joined(_beside_the_point(scene) or acknowledge(scene), invite_again(scene))


def _doubted(scene: Scene) -> str:
    words, question = answer_doubt(scene), scene.brief.next_question
    if words.endswith("?"):
        return words
    return joined(
        words, put(scene, question, "after_doubt") if question else scene.pick("after_doubt_closing")
    )


def _after_the_end(scene: Scene) -> str:
    intent = scene.brief.perception["intent"]
    if intent == "refusal":
        return scene.pick("goodbye_again" if scene.said_any("goodbye") else "goodbye")
    if intent == "asks_if_ai" or scene.asks:
        return _beside_the_point(scene)
    return scene.pick("after_end")


def _after_the_payment(scene: Scene) -> str:
    beside = _beside_the_point(scene)
    if not scene.said_any("converted"):
        return joined(scene.pick("converted"), beside)
    return beside or scene.pick("converted_again")
