"""What the lead reads instead of what was cut."""

from agent.guard.policy import Kind
from agent.playbook.prices import price_text
from agent.playbook.schema import Playbook

_PRICES = {
    "en": "to be exact: {prices}. Beyond that I can't offer or promise anything.",
    "de": "um genau zu sein: {prices}. Mehr kann ich weder anbieten noch zusagen.",
    "es": "para ser exactos: {prices}. Más allá de eso no puedo ofrecer ni prometer nada.",
    "fr": "pour être exact : {prices}. Je ne peux rien proposer ni promettre de plus.",
    "it": "per essere precisi: {prices}. Oltre a questo non posso offrire né promettere nulla.",
    "pt": "para ser exato: {prices}. Além disso, não posso oferecer nem prometer nada.",
    "nl": "voor alle duidelijkheid: {prices}. Meer kan ik niet aanbieden of beloven.",
}
_LINKS = {
    "en": "I can only send links of our own.",
    "de": "ich kann nur unsere eigenen Links schicken.",
    "es": "solo puedo enviar enlaces propios.",
    "fr": "je ne peux envoyer que nos propres liens.",
    "it": "posso inviare solo i nostri link.",
    "pt": "só posso enviar os nossos próprios links.",
    "nl": "ik kan alleen onze eigen links sturen.",
}
_SECRETS = {
    "en": "that is not something I can share. What would you like to know about what we do?",
    "de": "das kann ich nicht weitergeben. Was möchtest du über unser Angebot wissen?",
    "es": "eso no lo puedo compartir. ¿Qué te gustaría saber sobre lo que hacemos?",
    "fr": "ça, je ne peux pas le partager. Que voulez-vous savoir sur ce que nous faisons ?",
    "it": "questo non posso condividerlo. Cosa vorresti sapere su quello che facciamo?",
    "pt": "isso não posso partilhar. O que gostaria de saber sobre o que fazemos?",
    "nl": "dat kan ik niet delen. Wat wil je weten over wat we doen?",
}


def correction(kind: Kind, playbook: Playbook, language: str, said: str) -> str:
    """The end of a reply that was cut after ``said``: the true prices, or a short refusal."""
    of_kind = {"link": _LINKS, "canary": _SECRETS, "prompt": _SECRETS}.get(kind, _PRICES)
    prices = "; ".join(f"{offer.name} – {price_text(offer, language)}" for offer in playbook.offers)
    sentence = of_kind.get(language, of_kind["en"]).format(prices=prices)
    before = said.rstrip()
    if not before or before[-1] in ".!?…\n:":
        joint = "" if not said or said[-1].isspace() else " "
        return joint + sentence[0].upper() + sentence[1:]
    return ("– " if said[-1].isspace() else " – ") + sentence
