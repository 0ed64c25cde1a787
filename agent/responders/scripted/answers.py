"""Answers to what the lead asks: from the playbook, the owner's documents, or an honest "I don't know"."""

import re
from collections.abc import Callable

from agent.offers import named_offer
from agent.responders.scripted.documents import from_documents, near_in_documents
from agent.responders.scripted.pricing import every_price, ideal, offer_at_hand, prices, the_offer
from agent.responders.scripted.scene import Scene
from agent.responders.scripted.sentences import leading, ranked, sentences, stems
from agent.responders.scripted.words import topics

_AT_ONCE = 2
"""Questions of one message that are answered."""
_BRIEFLY = 120
"""Characters of the business's description beyond its first sentence, where it comes with more."""
_ENOUGH_SHARED = 2
"""Words that a sentence has in common with a question that it answers."""
_REFUND = re.compile(
    r"refund|\bback\b|cancel|zurück|erstatt|künd(?:ig|bar)|reembols|devol|devuelv|rembours", re.IGNORECASE
)
_PROMISE = re.compile(r"promise|guarant|versprech|garanti|promet", re.IGNORECASE)
_PARTS = re.compile(r"[:;] |(?<=\.) ")
_TIME = re.compile(
    r"\b(?:week|hour|month|day|minute|woche|stunde|monat|tag|minute|semana|hora|mes|día|semaine|heure|mois|jour)"
    r"(?:s|n|e|en|es)?\b",
    re.IGNORECASE,
)


def answer(scene: Scene) -> str:
    """What there is to say to the lead's questions; says so where that is nothing."""
    found: list[str] = []
    for topic in _asked(scene):
        text = _answer_to(scene, topic)
        if text and text not in found:
            found.append(text)
    if found:
        return " ".join(found[:_AT_ONCE])
    return from_documents(scene) or _from_playbook(scene) or near_in_documents(scene) or scene.pick("unknown")


def _asked(scene: Scene) -> list[str]:
    """The topics; whoever wants to pay otherwise hears the price after that, once."""
    asked = topics(scene.folded)
    terms = [topic for topic in asked if topic in ("discount", "instalments")]
    if not terms:
        return asked
    return [*terms[:1], "price", *(topic for topic in asked if topic not in (*terms, "price"))]


def _answer_to(scene: Scene, topic: str) -> str:
    if topic in _OWN:
        return _OWN[topic](scene)
    return from_documents(scene) or (_KNOWN[topic](scene) if topic in _KNOWN else "")


def _from_playbook(scene: Scene) -> str:
    """A sentence of the playbook's that shares enough with the question: of what describes, or of an answer
    to a doubt, which must share more, as it speaks to somebody else's words."""
    asked = stems(scene.folded)
    return _shares(scene, asked, _facts(scene), 1) or _shares(scene, asked, _answers(scene), _ENOUGH_SHARED)


def _shares(scene: Scene, asked: frozenset[str], texts: list[str], least: int) -> str:
    shared, text = next(iter(ranked(asked, texts)), (0, ""))
    enough = shared >= least and len(asked) <= shared * 2
    return _attributed(scene, text) if enough else ""


def _sentence_with(scene: Scene, pattern: re.Pattern[str]) -> str:
    lines = (line for text in (*_facts(scene), *_answers(scene)) for line in sentences(text))
    return _attributed(scene, next((line for line in lines if pattern.search(line)), ""))


def _facts(scene: Scene) -> list[str]:
    """What the playbook describes; of offers only the one that is meant, where one is."""
    playbook, meant = scene.brief.playbook, the_offer(scene)
    offers = [meant] if meant else playbook.offers
    return [playbook.business, *(offer.summary for offer in offers)]


def _answers(scene: Scene) -> list[str]:
    return [objection.answer for objection in scene.brief.playbook.objections]


def _attributed(scene: Scene, text: str) -> str:
    """What holds for one offer of several is said of that one."""
    if not text or the_offer(scene):
        return text
    offer = next((offer for offer in scene.brief.playbook.offers if text in offer.summary), None)
    return f"{offer.name}: {text}" if offer else text


def _duration(scene: Scene) -> str:
    """How long the offer that is meant takes, or each of the first few, as their summaries say."""
    meant = the_offer(scene)
    if meant:
        return _time_in(meant.summary) or _time_of_business(scene) or _included(scene)
    timed = ((offer.name, _time_in(offer.summary)) for offer in scene.brief.playbook.offers)
    return " ".join([f"{name}: {part}" for name, part in timed if part][:_AT_ONCE])


def _time_of_business(scene: Scene) -> str:
    lines = sentences(scene.brief.playbook.business)
    return next((line for line in lines if _TIME.search(line) and not _REFUND.search(line)), "")


def _time_in(summary: str) -> str:
    """The part that says it: "Eight weeks, about three hours a week."."""
    part = next((part for part in _PARTS.split(summary) if _TIME.search(part)), "")
    return f"{part.rstrip('.')}." if part else ""


def _included(scene: Scene) -> str:
    offer = offer_at_hand(scene)
    kind = "included" if the_offer(scene) else "included_example"
    return scene.pick(kind, name=offer.name, summary=offer.summary)


def _for_whom(scene: Scene) -> str:
    offer = the_offer(scene)
    if offer:
        return scene.pick("for_whom", name=offer.name, ideal=ideal(offer))
    return scene.pick("for_whom_all", business=leading(scene.brief.playbook.business, _BRIEFLY))


def _options(scene: Scene) -> str:
    named = named_offer(scene.brief.playbook, scene.words)
    if named or len(scene.brief.playbook.offers) == 1:
        return f"{_included(scene)} {prices(scene)}"
    return every_price(scene)


def _what(scene: Scene) -> str:
    playbook = scene.brief.playbook
    named = named_offer(playbook, scene.words)
    if named is None and scene.said(leading(playbook.business)):
        return _options(scene)
    return named.summary if named else leading(playbook.business)


def _identity(scene: Scene) -> str:
    playbook = scene.brief.playbook
    return scene.pick("identity", name=playbook.agent.name, business=leading(playbook.business, _BRIEFLY))


def _why(scene: Scene) -> str:
    question = scene.brief.next_question
    if question is None and scene.brief.offer:
        return _for_whom(scene)
    told = question is not None and "lead" not in question.why.casefold()
    return f"{scene.pick('why')} {question.why if question and told else scene.pick('why_generic')}"


_OWN: dict[str, Callable[[Scene], str]] = {
    "price": prices,
    "discount": lambda scene: scene.pick("no_discount"),
    "instalments": lambda scene: scene.pick("no_instalments"),
    "guarantee": lambda scene: _sentence_with(scene, _PROMISE) or scene.pick("no_guarantee"),
    "refund": lambda scene: _sentence_with(scene, _REFUND) or scene.pick("unknown"),
    "human": lambda scene: scene.pick("human"),
    "identity": _identity,
    "why": _why,
    "start": lambda scene: scene.pick("how_to_start"),
}
"""What only the playbook may answer."""
_KNOWN: dict[str, Callable[[Scene], str]] = {
    "duration": _duration,
    "included": _included,
    "for_whom": _for_whom,
    "options": _options,
    "what": _what,
}
"""What the playbook answers where no document does."""
