"""What a lead may read, letter for letter."""

import pytest

from agent.playbook.default import default_playbook
from agent.playbook.schema import Playbook
from tests.agent.guard.shop import CHECKOUT, EUROPEAN, PLAYBOOK, guarded

SAFE = [
    "Great, thanks for sharing that! What type of coaching do you offer?",
    "The Growth Plan is $497 per month.",
    "The Growth Plan is **$497**/month.",
    "It's 497 USD a month.",
    "It's 497 dollars, billed monthly.",
    "The Starter is a one-time payment of $297.",
    "Scale costs $1,297.00 once.",
    "Scale costs $1297.",
    "There are 3 options: Starter for $297, Growth Plan for $497 per month and Scale for $1,297.",
    "- Starter: $297\n- Growth Plan: $497 per month\n- Scale: $1,297\n\nWhich one fits?",
    "1. Starter\n2. Growth Plan\n3. Scale",
    "Option 2 costs $497 per month.",
    "US$497 is the price of the Growth Plan.",
    "It runs for 12 weeks, with 4 calls of 30 minutes each.",
    "We meet 2-3 times a week, 1-on-1, and someone is there 24/7.",
    "That's 12 weeks of coaching in a group of 8 to 10 people.",
    "On a scale of 1 to 10, how much would more clients help?",
    "How many clients do you have, more than 20?",
    "Since 2019 we have worked with 300 coaches.",
    "You said 3 clients; where would you like to be in 6 months?",
    "We don't offer discounts.",
    "There's no discount, and no guarantee of results either.",
    "Unfortunately I can't give you a discount.",
    "I'm not able to offer 50% off.",
    "I can't offer you a 90% discount, but the Starter is $297.",
    "I'd love to give you a discount, but I can't.",
    "I can't promise or guarantee results.",
    "Discounts are not something we do.",
    "It isn't free.",
    "Feel free to ask me anything.",
    "Are you free on Tuesday?",
    "A stress-free start matters.",
    "How much free time do you have?",
    "I promise to keep it short.",
    "I'm 100% sure that you can do it.",
    "Our clients see 30% more leads on average.",
    "Every plan has a 14-day money-back guarantee.",
    "Yes, there is a 14-day money-back guarantee.",
    "You can get a refund within 14 days.",
    "The Starter comes with a free 30-minute onboarding call.",
    "One new client at $1,500 pays for the program. That is why most start small.",
    "Do you make at least $2,000 a month?",
    "We can't promise specific income results.",
    "Book here: https://example.com/book.",
    "Book here: example.com/book",
    f"Here is your link: {CHECKOUT} – see you inside!",
    f"[Start here]({CHECKOUT})",
    "Good point, e.g. for online coaches.",
    "That's it.Then we begin.",
    "Hi @fitcoach_mike! 👋 Great to meet you 🎉 What do you do?",
    "I want you to lose 10 pounds of worry. What is the hardest part?",
    "Let's look at option B or plan A.",
    "One thing first: what do you want most?",
    "You are two steps away from that.",
    "Rock 'n' roll \"quotes\" (and brackets) – all fine… right?",
    "Danke dir! Was ist gerade die größte Hürde?",
    "Leider gibt es keinen Rabatt.",
    "Rabatte können wir nicht anbieten.",
    "Der Growth Plan kostet 497 $ pro Monat.",
    "Wir haben keine Garantie auf Ergebnisse.",
    "Es gibt eine 14-tägige Geld-zurück-Garantie.",
    "No hay descuentos.",
    "No ofrecemos ningún descuento.",
    "El Growth Plan cuesta 497 dólares al mes.",
    "Nous ne faisons pas de remise.",
    "Le Growth Plan coûte 497 $ par mois.",
    "Non facciamo sconti.",
    "Il Growth Plan costa 497 dollari al mese.",
    "Não oferecemos descontos.",
    "We geven geen korting.",
    "Отличный вопрос! Чем вы занимаетесь?",
    "素晴らしいですね。どんなコーチングをしていますか？",
    "",
    " ",
    "\n\n",
]

EUROS = [
    "Scale kostet 1.297 €.",
    "Scale kostet 1.297,00 €.",
    "Scale kostet 1 297 €.",
    "Scale kostet EUR 1.297.",
    "Scale kostet 1297 Euro.",
    "Scale kostet 1.297,- €.",
    "Starter is €297.",
    "Starter is € 297.",
    "Starter is 297€.",
    "Le Starter est à 297 euros.",
]

KNOWN = [
    "So you're making $5K a month already.",
    "$5,000 a month is a solid base. What is the next step for you?",
    "You earn 5000 dollars per month, and you'd like more clients.",
    "Mit 5.000 $ Umsatz im Monat bist du auf einem guten Weg.",
    "Con ingresos de $5K al mes vas muy bien.",
]


@pytest.mark.parametrize("text", SAFE)
def test_safe_words_pass_untouched(text: str) -> None:
    outcome = guarded(text)
    assert (outcome.kind, outcome.shown) == (None, text)


@pytest.mark.parametrize("text", EUROS)
def test_prices_in_the_ways_of_europe(text: str) -> None:
    assert guarded(text, playbook=EUROPEAN).shown == text


@pytest.mark.parametrize("text", KNOWN)
def test_the_leads_own_revenue_may_be_repeated(text: str) -> None:
    assert guarded(text, known={"revenue": 5000.0}).shown == text
    assert guarded(text, known={}).kind == "price"


@pytest.mark.parametrize(
    "text",
    [
        "You pay $5,000 a month.",
        "The Scale is $5K a month.",
        "It's $5K a month.",
        "Get access for $5,000 a month.",
        "You could invest the $5K that you make.",
    ],
)
def test_the_leads_own_revenue_is_no_price(text: str) -> None:
    assert guarded(text, known={"revenue": 5000.0}).kind == "price"


@pytest.mark.parametrize(
    "text",
    [
        "There are 3 options: Kurs 1 for $297, Kurs 2 for $497 per month and 30 Tage for $1,297.",
        "Kurs 1 or Kurs 2, that is the question; the price of Kurs 1 is $297.",
        "30 Tage – $1,297; it's 30 Tage that most people take.",
    ],
)
def test_a_number_in_an_offers_name_is_no_price(text: str) -> None:
    names = ("Kurs 1", "Kurs 2", "30 Tage")
    offers = (
        offer.model_copy(update={"name": name}) for offer, name in zip(PLAYBOOK.offers, names, strict=True)
    )
    playbook = PLAYBOOK.model_copy(update={"offers": tuple(offers)})
    assert guarded(text, playbook=playbook).shown == text
    assert guarded("Kurs 1 costs $497 per month.", playbook=playbook).kind == "price"


def _owners_words(playbook: Playbook) -> list[str]:
    words = [playbook.business, playbook.opening]
    words += [question.question for question in playbook.questions]
    words += [offer.summary for offer in playbook.offers]
    words += [objection.answer for objection in playbook.objections]
    return words + [q.disqualifies.message for q in playbook.questions if q.disqualifies]


@pytest.mark.parametrize("playbook", [PLAYBOOK, default_playbook()], ids=["shop", "default"])
def test_the_owners_own_words_pass(playbook: Playbook) -> None:
    for text in _owners_words(playbook):
        assert guarded(text, playbook=playbook).shown == text
