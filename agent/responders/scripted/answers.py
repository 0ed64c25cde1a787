"""Answers to what the lead asks: from the playbook, from the owner's documents, or an honest "I don't know"."""

import re
from collections.abc import Callable

from agent.offers import best_offer, named_offer
from agent.playbook.prices import price_text
from agent.playbook.schema import Offer
from agent.responders.scripted.scene import Scene
from agent.responders.scripted.sentences import best, opening_of, sentences, stems
from agent.responders.scripted.topics import topic

_REFUND = re.compile(r"refund|money back|get .{0,20}back|\bzurück|reembols|devol|rembours", re.IGNORECASE)
_TIME = re.compile(
    r"\b(week|hour|month|day|minute)s?\b|\b(wochen?|stunden?|monate?|tage?|minuten)\b"
    r"|\b(semanas?|horas?|mes(es)?|d[íi]as?)\b|\b(semaines?|heures?|mois|jours?)\b",
    re.IGNORECASE,
)
_FEW = 4
"""Offers that can be told in one breath."""
_FOR = re.compile(r"^(ideal |idéal |best |made )?(for|für|para|pour) ", re.IGNORECASE)


def answer(scene: Scene) -> str:
    """What there is to say to the lead's question; says so where that is nothing."""
    about = topic(scene.folded)
    if about in _OWN:
        return _OWN[about](scene)
    found = _from_passages(scene)
    if not found and about in _KNOWN:
        found = _KNOWN[about](scene)
    return found or _from_playbook(scene) or scene.pick("unknown")


def prices(scene: Scene) -> str:
    """The price of the offer at hand, or of all that there are."""
    offers = scene.brief.playbook.offers
    offer = _offer_meant(scene) or (offers[0] if len(offers) == 1 else None)
    if offer:
        return scene.pick("price_one", name=offer.name, price=price_of(scene, offer))
    shown = sorted(offers, key=lambda o: o.price)
    shown = shown if len(shown) <= _FEW else [shown[0], shown[-1]]
    items = [scene.pick("price_item", name=o.name, price=price_text(o, scene.language)) for o in shown]
    listed = scene.pick("price_many", count=str(len(offers)), list=in_words(scene, "and", items))
    return f"{listed} {scene.pick('price_hint')}"


def price_of(scene: Scene, offer: Offer) -> str:
    """The price with its billing in words."""
    price = price_text(offer, scene.language)
    return scene.pick("once", price=price) if offer.billing == "once" else price


def ideal(offer: Offer) -> str:
    """Who the offer is for, to go on from "ideal for"."""
    return _FOR.sub("", offer.ideal_for).rstrip(".")


def in_words(scene: Scene, joint: str, items: list[str]) -> str:
    """``a, b and c``."""
    if len(items) < 2:
        return "".join(items)
    return scene.pick(joint, first=", ".join(items[:-1]), last=items[-1])


def _offer_meant(scene: Scene) -> Offer | None:
    return named_offer(scene.brief.playbook, scene.words) or scene.brief.offer


def _offer_at_hand(scene: Scene) -> Offer:
    return _offer_meant(scene) or best_offer(scene.brief.playbook, scene.brief.fields)


def _from_passages(scene: Scene) -> str:
    texts = [passage.text for passage in scene.brief.passages]
    if not texts:
        return ""
    text, shared = best(stems(scene.folded), texts)
    if shared:
        return scene.pick("quote", text=text)
    near = opening_of(texts)
    return scene.pick("quote_near", text=near) if near else ""


def _from_playbook(scene: Scene) -> str:
    """A sentence of the playbook's that shares enough with the question."""
    asked = stems(scene.folded)
    text, shared = best(asked, _texts(scene))
    return text if shared >= 2 and shared * 2 >= len(asked) else ""


def _texts(scene: Scene) -> list[str]:
    playbook = scene.brief.playbook
    summaries = [_offer_at_hand(scene).summary, *(offer.summary for offer in playbook.offers)]
    return [*summaries, playbook.business, *(objection.answer for objection in playbook.objections)]


def _sentence_with(scene: Scene, pattern: re.Pattern[str]) -> str:
    lines = (line for text in _texts(scene) for line in sentences(text))
    return next((line for line in lines if pattern.search(line)), "")


def _discount(scene: Scene) -> str:
    return f"{scene.pick('no_discount')} {prices(scene)}"


def _instalments(scene: Scene) -> str:
    return f"{scene.pick('no_instalments')} {prices(scene)}"


def _refund(scene: Scene) -> str:
    return _sentence_with(scene, _REFUND) or scene.pick("refund_unknown")


def _duration(scene: Scene) -> str:
    offer = _offer_at_hand(scene)
    if _TIME.search(offer.summary):
        return scene.pick("included", name=offer.name, summary=offer.summary)
    return _sentence_with(scene, _TIME)


def _included(scene: Scene) -> str:
    offer = _offer_at_hand(scene)
    return scene.pick("included", name=offer.name, summary=offer.summary)


def _for_whom(scene: Scene) -> str:
    offer = _offer_at_hand(scene)
    return scene.pick("for_whom", name=offer.name, ideal=ideal(offer))


def _options(scene: Scene) -> str:
    offers = scene.brief.playbook.offers
    if len(offers) == 1:
        return _included(scene)
    return prices(scene)


def _what(scene: Scene) -> str:
    offer = named_offer(scene.brief.playbook, scene.words)
    return offer.summary if offer else scene.brief.playbook.business


def _identity(scene: Scene) -> str:
    playbook = scene.brief.playbook
    return scene.pick("identity", name=playbook.agent.name, business=playbook.business)


def _human(scene: Scene) -> str:
    return scene.pick("human")


def _why(scene: Scene) -> str:
    question = scene.brief.next_question
    reason = question.why if question and "lead" not in question.why.casefold() else scene.pick("why_generic")
    return f"{scene.pick('why')} {reason}"


_OWN: dict[str, Callable[[Scene], str]] = {
    "price": prices, "discount": _discount, "instalments": _instalments,
    "identity": _identity, "human": _human, "why": _why,
}  # fmt: skip
"""What only the playbook may answer."""
_KNOWN: dict[str, Callable[[Scene], str]] = {
    "refund": _refund, "duration": _duration, "included": _included,
    "for_whom": _for_whom, "options": _options, "what": _what,
}  # fmt: skip
"""What the playbook answers where no document does."""
