"""Closing: the offer, its link, and what is said around them."""

from agent.playbook.schema import Offer
from agent.responders.scripted.answers import ideal, price_of
from agent.responders.scripted.scene import Scene


def present(scene: Scene, offer: Offer) -> str:
    """The offer with its price, and the way to it."""
    words = scene.pick("present", name=offer.name, summary=offer.summary, price=price_of(scene, offer))
    return f"{words} {scene.pick('present_ideal', ideal=ideal(offer))}\n\n{scene.pick('invite')}"


def shown(scene: Scene, offer: Offer) -> bool:
    """Whether this offer was already presented."""
    return scene.was_said(offer.summary) or scene.was_said(f"{offer.name}")


def hand_over(scene: Scene, offer: Offer) -> str:
    """The link to pay, or an honest word where there is none."""
    url, price = scene.brief.checkout_url, price_of(scene, offer)
    if url is None:
        return _without_link(scene, offer, price)
    if scene.was_said(url):
        return scene.pick("link_again", url=url)
    if scene.was_said(offer.summary):
        link = scene.pick("link", name=offer.name, price=price, url=url)
    else:
        link = scene.pick("link_new", name=offer.name, summary=offer.summary, price=price, url=url)
    return f"{link}\n\n{scene.pick('link_after')}"


def invite_again(scene: Scene) -> str:
    """A word after an answer in closing: no second pitch."""
    url = scene.brief.checkout_url
    return scene.pick("link_stands" if url and scene.was_said(url) else "invite_again")


def _without_link(scene: Scene, offer: Offer, price: str) -> str:
    links = scene.brief.playbook.links
    if scene.was_said(scene.pick("no_link", name=offer.name, price=price)):
        words = scene.pick("no_link_again")
    else:
        words = scene.pick("no_link", name=offer.name, price=price)
    return f"{words} {scene.pick('see_also', link=links[0])}" if links else words
