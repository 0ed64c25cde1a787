"""Closing: the offer, its link, and what is said around them."""

from agent.offers import named_offer
from agent.playbook.prices import price_text
from agent.playbook.schema import Offer
from agent.responders.scripted.joining import joined
from agent.responders.scripted.pricing import ideal, price_of
from agent.responders.scripted.scene import Scene
from agent.responders.scripted.words import begins, has
from agent.scoring import qualified


def present(scene: Scene, offer: Offer) -> str:
    """The offer with its price, and the way to it; recommended only to whom the answers qualify."""
    brief, price = scene.brief, price_of(scene, offer)
    named = named_offer(brief.playbook, scene.words)
    kind = "present" if qualified(brief.playbook, brief.fields) and not named else "present_plain"
    words = scene.pick(kind, name=offer.name, ideal=ideal(offer), summary=offer.summary, price=price)
    return joined(words, scene.pick("invite"))


def presented(scene: Scene, offer: Offer) -> bool:
    """Whether the lead already read of this offer and its price, in the playbook's words or a model's."""
    prices = {price_text(offer, language) for language in (scene.language, "en")}
    others = [other.name for other in scene.brief.playbook.offers if other.id != offer.id]
    priced = (reply for reply in scene.replies if any(price in reply for price in prices))
    return any(
        offer.summary in reply or (offer.name in reply and not any(other in reply for other in others))
        for reply in priced
    )


def hand_over(scene: Scene, offer: Offer) -> str:
    """The link to pay, or an honest word where there is none."""
    url, price = scene.brief.checkout_url, price_text(offer, scene.language)
    if url is None:
        return _without_link(scene, offer, price)
    if _handed_over(scene):
        return scene.pick("link_again", url=url)
    kind = "link" if presented(scene, offer) else "link_new"
    link = scene.pick(kind, name=offer.name, summary=offer.summary, price=price, url=url)
    return f"{link}\n\n{scene.pick('link_after')}"


def wants_the_link(scene: Scene) -> bool:
    """Whether the lead wants to buy, or asks for a link that there is, or was said not to be."""
    if scene.brief.perception["intent"] == "ready_to_buy":
        return True
    known = scene.brief.checkout_url is not None or scene.said_any("no_link")
    return known and has(scene.folded, "link")


def invite_again(scene: Scene) -> str:
    """A word after an answer in closing: no second pitch, and nothing once all is said."""
    if scene.said_any("no_link"):
        return ""
    return scene.pick_fresh("link_stands" if _handed_over(scene) else "invite_again")


def agreed(scene: Scene) -> bool:
    """Whether the lead says yes to something else, or asks for the link, before it is there."""
    if scene.brief.checkout_url is not None or scene.said_any("no_link"):
        return False
    invited = scene.just_said_any("invite", "invite_again")
    return has(scene.folded, "link") or (begins(scene.folded, "yes") and not invited)


def put_off(scene: Scene) -> bool:
    """Whether the lead said no to the link, for now."""
    return begins(scene.folded, "no") and not scene.told and scene.just_said_any("invite", "invite_again")


def _handed_over(scene: Scene) -> bool:
    """Whether the lead has a link, be it an older one."""
    url = scene.brief.checkout_url
    return url is not None and (scene.said(url) or scene.said_any("link", "link_new"))


def _without_link(scene: Scene, offer: Offer, price: str) -> str:
    kind = "no_link_again" if scene.said_any("no_link") else "no_link"
    words = scene.pick(kind, name=offer.name, price=price)
    links = scene.brief.playbook.links
    return f"{words} {scene.pick('see_also', link=links[0])}" if links else words
