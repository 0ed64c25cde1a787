"""Closing: the offer, its link, and what is said around them."""

from agent.playbook.prices import price_text
from agent.playbook.schema import Offer
from agent.responders.scripted.joining import joined
from agent.responders.scripted.pricing import ideal, price_of
from agent.responders.scripted.scene import Scene
from agent.responders.scripted.words import begins


def present(scene: Scene, offer: Offer) -> str:
    """The offer with its price, and the way to it."""
    price = price_of(scene, offer)
    words = scene.pick("present", name=offer.name, ideal=ideal(offer), summary=offer.summary, price=price)
    return joined(words, scene.pick("invite"))


def presented(scene: Scene, offer: Offer) -> bool:
    """Whether the lead already knows this offer, in the playbook's words or in a model's."""
    others = [other.name for other in scene.brief.playbook.offers if other.id != offer.id]
    return scene.said(offer.summary) or scene.said_at_length(offer.name, others)


def hand_over(scene: Scene, offer: Offer) -> str:
    """The link to pay, or an honest word where there is none."""
    url, price = scene.brief.checkout_url, price_text(offer, scene.language)
    if url is None:
        return _without_link(scene, offer, price)
    if scene.said(url):
        return scene.pick("link_again", url=url)
    kind = "link" if presented(scene, offer) else "link_new"
    link = scene.pick(kind, name=offer.name, summary=offer.summary, price=price, url=url)
    return f"{link}\n\n{scene.pick('link_after')}"


def invite_again(scene: Scene) -> str:
    """A word after an answer in closing: no second pitch, and nothing once all is said."""
    url = scene.brief.checkout_url
    return scene.pick_fresh("link_stands" if url and scene.said(url) else "invite_again")


def agreed(scene: Scene, offer: Offer) -> bool:
    """Whether the lead said yes to something other than the link, which is not there yet."""
    return begins(scene.folded, "yes") and scene.brief.checkout_url is None and presented(scene, offer)


def put_off(scene: Scene) -> bool:
    """Whether the lead said no to the link, for now."""
    return begins(scene.folded, "no") and scene.just_said_any("invite", "invite_again")


def _without_link(scene: Scene, offer: Offer, price: str) -> str:
    kind = "no_link_again" if scene.said_any("no_link") else "no_link"
    words = scene.pick(kind, name=offer.name, price=price)
    links = scene.brief.playbook.links
    return f"{words} {scene.pick('see_also', link=links[0])}" if links else words
