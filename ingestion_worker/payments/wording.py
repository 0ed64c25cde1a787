"""The words to who has paid: in the chat, and in the mail that follows."""

from collections.abc import Mapping

from agent.playbook.prices import amount_text
from agent.responders.scripted.phrases import LANGUAGES, phrases_for
from core.mail import Mail

_MAILS: Mapping[str, tuple[str, str]] = {
    "en": (
        "Welcome to {offer}",
        "Hello {name},\n\nthank you for your payment of {amount} for {offer}. You are in.\n\n"
        "We will write to you here about the next steps. If you have a question until then,"
        " simply answer this mail.\n\n{business}\n",
    ),
    "de": (
        "Willkommen bei {offer}",
        "Hallo {name},\n\ndanke für deine Zahlung von {amount} für {offer}. Du bist dabei.\n\n"
        "Wegen der nächsten Schritte schreiben wir dir hier. Wenn du bis dahin eine Frage hast,"
        " antworte einfach auf diese E-Mail.\n\n{business}\n",
    ),
    "es": (
        "Te damos la bienvenida a {offer}",
        "Hola, {name}:\n\ngracias por tu pago de {amount} por {offer}. Ya estás dentro.\n\n"
        "Te escribiremos aquí sobre los próximos pasos. Si tienes alguna pregunta,"
        " responde a este correo.\n\n{business}\n",
    ),
    "fr": (
        "Bienvenue dans {offer}",
        "Bonjour {name},\n\nmerci pour votre paiement de {amount} pour {offer}. Vous êtes des nôtres.\n\n"
        "Nous vous écrirons ici pour les prochaines étapes. D'ici là, répondez simplement à cet e-mail"
        " si vous avez une question.\n\n{business}\n",
    ),
}
_UNNAMED: Mapping[str, str] = {"en": "Hello,", "de": "Hallo,", "es": "Hola:", "fr": "Bonjour,"}
_NAMED: Mapping[str, str] = {
    "en": "Hello {name},",
    "de": "Hallo {name},",
    "es": "Hola, {name}:",
    "fr": "Bonjour {name},",
}


def thanks(language: str | None, *, by_mail: bool) -> str:
    """What the agent says when a payment is in, and what happens next."""
    phrases = phrases_for(_spoken(language))
    following = phrases["next_by_mail" if by_mail else "next_by_team"]
    return f"{phrases['converted'][0]}\n\n{following[0]}"


def onboarding(payment: Mapping[str, str | int | None], template: tuple[str, str] | None) -> Mail:
    """The mail to who has paid: the owner's words, or ours in the lead's language.

    ``payment`` has ``id``, ``email``, ``name``, ``language``, ``offer_name``, ``amount``, ``currency`` and
    ``business``. In both parts of a template ``{name}``, ``{offer}``, ``{amount}`` and ``{business}`` stand
    for them.
    """
    language = _spoken(payment["language"])
    name = _line(payment["name"])
    subject, body = template or _MAILS[language]
    if template is None and not name:
        body = body.replace(_NAMED[language], _UNNAMED[language])
    values = {
        "name": name,
        "offer": _line(payment["offer_name"]),
        "amount": amount_text(int(payment["amount"] or 0), str(payment["currency"]), language),
        "business": _line(payment["business"]),
    }
    return Mail(
        to=str(payment["email"]),
        subject=_filled(subject, values),
        text=_filled(body, values),
        message_id=f"onboarding-{payment['id']}",
    )


def _filled(words: str, values: Mapping[str, str]) -> str:
    for name, value in values.items():
        words = words.replace(f"{{{name}}}", value)
    return words


def _line(value: object) -> str:
    """One line, whatever somebody typed at the checkout."""
    return " ".join(str(value or "").split())


def _spoken(language: object) -> str:
    return str(language) if language in LANGUAGES else LANGUAGES[0]
