"""The checkout page without Stripe, in the languages of the other pages."""

from dataclasses import asdict, dataclass

from web.filling import fill
from web.strings import choose_language


@dataclass(frozen=True, slots=True)
class PayStrings:
    """One language."""

    title: str
    test_title: str
    test: str
    name: str
    email: str
    pay: str
    leave: str
    away_title: str
    away: str
    paid_title: str
    paid: str
    unpaid_title: str
    unpaid: str
    once: str
    month: str
    year: str


_LANGUAGES = {
    "en": PayStrings(
        title="Test checkout",
        test_title="This is a test.",
        test="No money moves and no card is asked for. The payment is recorded as if it had been made.",
        name="Name (optional)",
        email="E-mail address",
        pay="Pay, as a test",
        leave="Back without paying",
        away_title="The checkout is out of reach just now",
        away="Nothing was charged. Please follow the link again in a minute.",
        paid_title="Thank you!",
        paid="Your payment went through. Go on in the chat; this page can be closed.",
        unpaid_title="Nothing was paid",
        unpaid="Your chat is where you left it; this page can be closed.",
        once="{price}",
        month="{price} per month",
        year="{price} per year",
    ),
    "de": PayStrings(
        title="Test-Kasse",
        test_title="Das ist ein Test.",
        test="Es fließt kein Geld, und keine Karte wird verlangt. Die Zahlung gilt, als wäre sie erfolgt.",
        name="Name (optional)",
        email="E-Mail-Adresse",
        pay="Zum Test bezahlen",
        leave="Zurück ohne zu bezahlen",
        away_title="Die Kasse ist gerade nicht erreichbar",
        away="Es wurde nichts abgebucht. Bitte folge dem Link in einer Minute noch einmal.",
        paid_title="Vielen Dank!",
        paid="Deine Zahlung ist angekommen. Mach im Chat weiter; diese Seite kannst du schließen.",
        unpaid_title="Es wurde nichts bezahlt",
        unpaid="Dein Chat ist da, wo du ihn verlassen hast; diese Seite kannst du schließen.",
        once="{price}",
        month="{price} pro Monat",
        year="{price} pro Jahr",
    ),
    "es": PayStrings(
        title="Pago de prueba",
        test_title="Esto es una prueba.",
        test="No se mueve dinero ni se pide tarjeta. El pago se registra como si se hubiera hecho.",
        name="Nombre (opcional)",
        email="Correo electrónico",
        pay="Pagar, como prueba",
        leave="Volver sin pagar",
        away_title="El pago no está disponible ahora mismo",
        away="No se ha cobrado nada. Vuelve a abrir el enlace dentro de un minuto.",
        paid_title="¡Gracias!",
        paid="Tu pago ha llegado. Sigue en el chat; puedes cerrar esta página.",
        unpaid_title="No se ha pagado nada",
        unpaid="Tu chat sigue donde lo dejaste; puedes cerrar esta página.",
        once="{price}",
        month="{price} al mes",
        year="{price} al año",
    ),
    "fr": PayStrings(
        title="Paiement d’essai",
        test_title="Ceci est un essai.",
        test="Aucun argent ne circule, aucune carte n’est demandée. Le paiement compte comme un vrai.",
        name="Nom (facultatif)",
        email="Adresse e-mail",
        pay="Payer, pour l’essai",
        leave="Revenir sans payer",
        away_title="Le paiement est injoignable pour l’instant",
        away="Rien n’a été débité. Suivez le lien à nouveau dans une minute.",
        paid_title="Merci !",
        paid="Votre paiement est arrivé. Continuez dans la discussion ; cette page peut être fermée.",
        unpaid_title="Rien n’a été payé",
        unpaid="Votre discussion est là où vous l’avez laissée ; cette page peut être fermée.",
        once="{price}",
        month="{price} par mois",
        year="{price} par an",
    ),
}


def render_pay_page(*, action: str, offer: str, price: str, billing: str, language: str) -> str:
    """The page on which a checkout is paid as a test, as HTML.

    ``price`` is the amount as people read it, ``billing`` is ``once``, ``month`` or ``year``, ``language``
    the browser's ``Accept-Language``.
    """
    chosen = choose_language(language)
    strings = asdict(_LANGUAGES[chosen])
    return fill(
        "pay.html",
        **{name: strings[name] for name in ("title", "test_title", "test", "name", "email", "pay", "leave")},
        language=chosen,
        action=action,
        offer=offer,
        price=strings[billing].format(price=price),
    )


def render_away_page(*, language: str) -> str:
    """What is shown while the checkout cannot be opened; ``language`` as for the page itself."""
    chosen = choose_language(language)
    strings = _LANGUAGES[chosen]
    return fill("closed.html", language=chosen, title=strings.away_title, text=strings.away)


def render_return_page(*, paid: bool, language: str) -> str:
    """What is shown to whom the chat is not here, but in another tab or on another device."""
    chosen = choose_language(language)
    strings = _LANGUAGES[chosen]
    title, text = (strings.paid_title, strings.paid) if paid else (strings.unpaid_title, strings.unpaid)
    return fill("closed.html", language=chosen, title=title, text=text)
