"""Offers and their prices in a sentence, all of it the playbook's."""

from agent.offers import best_offer, named_offer
from agent.playbook.prices import price_text
from agent.playbook.schema import Offer
from agent.responders.scripted.joining import in_words
from agent.responders.scripted.scene import Scene

_FEW = 4
"""Offers that can be told in one breath."""
_FOR = (
    "ideal for ",
    "perfect for ",
    "for ",
    "ideal für ",
    "für ",
    "ideal para ",
    "para ",
    "idéal pour ",
    "pour ",
)


def the_offer(scene: Scene) -> Offer | None:
    """The offer that the lead names, else the one that this turn is about, else the only one."""
    offers = scene.brief.playbook.offers
    only = offers[0] if len(offers) == 1 else None
    return named_offer(scene.brief.playbook, scene.words) or scene.brief.offer or only


def offer_at_hand(scene: Scene) -> Offer:
    """`the_offer`, or the one that would fit best."""
    return the_offer(scene) or best_offer(scene.brief.playbook, scene.brief.fields)


def prices(scene: Scene) -> str:
    """The price of `the_offer`, or all of them."""
    offer = the_offer(scene)
    if offer is None:
        return every_price(scene)
    return scene.pick("price_one", name=offer.name, price=price_of(scene, offer))


def every_price(scene: Scene) -> str:
    """All offers with their prices, cheapest first; of many only the ends."""
    offers = sorted(scene.brief.playbook.offers, key=lambda offer: offer.price)
    comparable = len({(offer.billing, offer.currency) for offer in offers}) == 1
    told = [offers[0], offers[-1]] if comparable and len(offers) > _FEW else offers
    items = [scene.pick("price_item", name=o.name, price=price_text(o, scene.language)) for o in told]
    kind = "price_many" if told is offers else "price_span"
    listed = scene.pick(kind, count=str(len(offers)), list=in_words(scene, "and", items))
    return f"{listed} {scene.pick('price_hint')}"


def price_of(scene: Scene, offer: Offer) -> str:
    """The price, with how often it is paid."""
    price = price_text(offer, scene.language)
    return scene.pick("once", price=price) if offer.billing == "once" else price


def ideal(offer: Offer) -> str:
    """Who the offer is for, as what follows on "ideal for"."""
    text = offer.ideal_for.rstrip(".")
    return next((text[len(start) :] for start in _FOR if text.casefold().startswith(start)), text)
