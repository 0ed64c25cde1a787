"""Prices as people write them."""

from agent.playbook.schema import Offer

SIGNS = {
    "USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "CNY": "CN¥", "INR": "₹", "BRL": "R$", "CAD": "CA$",
    "AUD": "A$", "NZD": "NZ$", "MXN": "MX$", "ILS": "₪", "KRW": "₩", "TRY": "₺", "UAH": "₴", "PLN": "zł",
}  # fmt: skip
_NO_MINOR = frozenset(
    ["BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"]
)
_THREE_MINOR = frozenset(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"])

_SIGN_LAST = frozenset(("de", "es", "fr", "it", "pt", "pl"))
_SEPARATORS = {
    "de": (".", ","), "es": (".", ","), "it": (".", ","), "pt": (".", ","), "nl": (".", ","),
    "fr": ("\u00a0", ","), "pl": ("\u00a0", ","),
}  # fmt: skip
_PER = {
    "en": (" per month", " per year"),
    "de": (" pro Monat", " pro Jahr"),
    "es": (" al mes", " al año"),
    "fr": (" par mois", " par an"),
    "it": (" al mese", " all'anno"),
    "pt": (" por mês", " por ano"),
    "nl": (" per maand", " per jaar"),
}


def minor_digits(currency: str) -> int:
    """How many digits of a price are minor units: 2 for USD, 0 for JPY, 3 for KWD."""
    return 0 if currency in _NO_MINOR else 3 if currency in _THREE_MINOR else 2


def amount_text(minor: int, currency: str, language: str = "en") -> str:
    """An amount of minor units in a language's way: ``$1,297``, ``1.297 €``, ``497 CHF``."""
    digits = minor_digits(currency)
    places = digits if minor % 10**digits else 0
    thousands, decimal = _SEPARATORS.get(language, (",", "."))
    number = f"{minor / 10**digits:,.{places}f}".translate({ord(","): thousands, ord("."): decimal})
    sign = SIGNS.get(currency)
    if sign is None or language in _SIGN_LAST or sign == "zł":
        return f"{number} {sign or currency}"
    return f"{sign} {number}" if language == "nl" else f"{sign}{number}"


def price_text(offer: Offer, language: str = "en") -> str:
    """The offer's price with its billing: ``$497 per month``, ``1.297 €``."""
    amount = amount_text(offer.price, offer.currency, language)
    if offer.billing == "once":
        return amount
    return amount + _PER.get(language, _PER["en"])[offer.billing == "year"]
