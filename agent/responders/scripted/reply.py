"""One reply: first what the lead said or asked, then the one thing that is open."""

from agent.offers import best_offer
from agent.responders.base import Brief
from agent.responders.scripted.acknowledging import acknowledge
from agent.responders.scripted.answers import answer
from agent.responders.scripted.asking import ask_after, ask_again, unclear
from agent.responders.scripted.doubts import answer_doubt
from agent.responders.scripted.scene import Scene
from agent.responders.scripted.selling import hand_over, invite_again, present, shown
from agent.responders.scripted.topics import GREETING, LINK, THANKS

_LONG = 240
"""Characters after which the question gets a paragraph of its own."""


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
    first, aside = _reaction(scene)
    if aside:
        return _joined(first, ask_after(scene, question, "back" if scene.again else "from_me"))
    if unclear(scene):
        return ask_again(scene, question)
    return _joined(first, question.question)


def _reaction(scene: Scene) -> tuple[str, bool]:
    """What comes first, and whether it leads away from the open question."""
    intent = scene.brief.perception["intent"]
    if intent == "asks_if_ai":
        return _ai(scene), True
    if scene.asks:
        return answer(scene), True
    if GREETING.match(scene.folded):
        return scene.pick("greeting"), True
    if THANKS.search(scene.folded) and scene.answered is None:
        return scene.pick("welcome"), True
    return acknowledge(scene), False


def _ai(scene: Scene) -> str:
    name = scene.brief.playbook.agent.name
    words = scene.pick("ai", name=name)
    return scene.pick("ai_again") if scene.was_said(words) else words


def _nothing_open(scene: Scene) -> str:
    first, aside = _reaction(scene)
    offer = best_offer(scene.brief.playbook, scene.brief.fields)
    if not shown(scene, offer):
        return _joined(first if aside else scene.pick("exhausted"), present(scene, offer))
    return _joined(first, scene.pick("anything_else"))


def _closing(scene: Scene) -> str:
    offer = scene.brief.offer
    if offer is None:
        return _reaction(scene)[0]
    if scene.brief.perception["intent"] == "ready_to_buy" or LINK.search(scene.folded):
        return hand_over(scene, offer)
    first, _ = _reaction(scene)
    if not scene.was_said(offer.summary):
        return _joined(first, present(scene, offer))
    return _joined(first, invite_again(scene))


def _doubted(scene: Scene) -> str:
    words, question = answer_doubt(scene), scene.brief.next_question
    if words.endswith("?"):
        return words
    if question:
        return _joined(words, ask_after(scene, question, "after_doubt"))
    return _joined(words, scene.pick("after_doubt_closing"))


def _after_the_end(scene: Scene) -> str:
    intent = scene.brief.perception["intent"]
    if intent == "asks_if_ai" or (scene.asks and intent != "refusal"):
        return _reaction(scene)[0]
    if intent != "refusal":
        return scene.pick("after_end")
    said_before = any(scene.was_said(words) for words in scene.variants("goodbye"))
    return scene.pick("goodbye_again" if said_before else "goodbye")


def _after_the_payment(scene: Scene) -> str:
    if not any(scene.was_said(words) for words in scene.variants("converted")):
        return scene.pick("converted")
    return _reaction(scene)[0] if scene.asks else scene.pick("converted_again")


def _joined(first: str, then: str) -> str:
    return f"{first}\n\n{then}" if len(first) > _LONG or "\n" in then else f"{first} {then}"
