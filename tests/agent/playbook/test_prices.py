import pytest

from agent.playbook.prices import amount_text, price_text
from agent.playbook.schema import Offer


@pytest.mark.parametrize(
    ("minor", "currency", "language", "text"),
    [
        (49700, "USD", "en", "$497"),
        (129750, "USD", "en", "$1,297.50"),
        (129700, "EUR", "de", "1.297 €"),
        (129750, "EUR", "fr", "1\u00a0297,50 €"),
        (49700, "EUR", "nl", "€ 497"),
        (49700, "EUR", "en", "€497"),
        (49700, "CHF", "de", "497 CHF"),
        (50000, "JPY", "en", "¥50,000"),
        (50000, "KWD", "en", "50 KWD"),
        (0, "USD", "en", "$0"),
    ],
)
def test_an_amount_is_written_in_the_languages_way(
    minor: int, currency: str, language: str, text: str
) -> None:
    assert amount_text(minor, currency, language) == text


@pytest.mark.parametrize(
    ("billing", "language", "text"),
    [
        ("once", "en", "$497"),
        ("month", "en", "$497 per month"),
        ("year", "de", "497 $ pro Jahr"),
        ("month", "ja", "$497 per month"),
    ],
)
def test_a_price_names_its_billing(billing: str, language: str, text: str) -> None:
    offer = Offer.model_validate(
        {"id": "a", "name": "A", "price": 49700, "billing": billing, "summary": "s", "ideal_for": "i"}
    )
    assert price_text(offer, language) == text
