"""The owner's answer to a doubt, given once."""

from agent.playbook.prices import price_text
from agent.playbook.schema import Objection
from agent.responders.scripted.asking import put, waves_away
from agent.responders.scripted.joining import joined
from agent.responders.scripted.scene import Scene
from agent.responders.scripted.sentences import stems
from agent.responders.scripted.words import topics, touches

_BARE = 3
"""Words of a message that only names what it asks for."""
_TERMS = frozenset(["discount", "instalments", "guarantee"])


def is_a_doubt(scene: Scene) -> bool:
    """Whether a message that sounds like a doubt is not rather a question ("price?") or a shrug."""
    if scene.brief.next_question and waves_away(scene):
        return False
    asked = topics(scene.folded) if scene.asks else []
    bare = len(scene.folded.split()) <= _BARE or scene.brief.perception["objection"] == "other"
    return not (asked and bare and _TERMS.isdisjoint(asked))


def answer_doubt(scene: Scene) -> str:
    """The playbook's answer to the objection at hand, not the same one twice, and the way back."""
    fitting = _fitting(scene)
    fresh = next((objection for objection in fitting if not scene.said(objection.answer)), None)
    if fresh:
        words = fresh.answer
    else:
        words = _cheapest(scene) or scene.pick("doubt_again" if fitting else "doubt_unknown")
    return joined(joined(_refusals(scene), words), _way_back(scene, words, answered=fresh is not None))


def _way_back(scene: Scene, words: str, *, answered: bool) -> str:
    question = scene.brief.next_question
    if words.endswith("?"):
        return ""
    if question:
        return put(scene, question, "after_doubt")
    vague = scene.brief.perception["objection"] in (None, "other")
    return scene.pick("after_doubt_closing" if answered and not vague else "no_rush")


def _refusals(scene: Scene) -> str:
    """What was asked for and cannot be had, said first."""
    if scene.brief.perception["objection"] != "price":
        return ""
    asked_for = (kind for kind in ("discount", "instalments") if touches(scene.folded, kind))
    return " ".join(scene.pick(f"no_{kind}") for kind in asked_for)


def _cheapest(scene: Scene) -> str:
    """For whom the price is too high: what costs less and is paid the same way, said once."""
    offers = scene.brief.playbook.offers
    meant = scene.brief.offer or max(offers, key=lambda offer: offer.price)
    alike = [o for o in offers if (o.billing, o.currency) == (meant.billing, meant.currency)]
    lowest = min(alike, key=lambda offer: offer.price)
    too_high = scene.brief.perception["objection"] == "price" and not scene.said_any("cheapest")
    if not too_high or lowest.price == meant.price:
        return ""
    return scene.pick("cheapest", name=lowest.name, price=price_text(lowest, scene.language))


def _fitting(scene: Scene) -> list[Objection]:
    """The answers to this type of doubt, the one with the nearest examples first."""
    kind = scene.brief.perception["objection"] or "other"
    of_kind = [objection for objection in scene.brief.playbook.objections if objection.type == kind]
    if len(of_kind) < 2:
        return of_kind
    words = stems(scene.folded)
    return sorted(of_kind, key=lambda o: -max(len(words & stems(example)) for example in o.examples))
