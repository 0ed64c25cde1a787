"""Facts for other questions than the open one, taken only where they cannot be mistaken."""

import re
from collections.abc import Mapping
from functools import lru_cache

from agent.perception.answers import choice, clauses, per_month
from agent.perception.quantities import EARNING, bare_quantity, period, quantities
from agent.perception.rules import LANGUAGES, says
from agent.perception.words import folded as fold
from agent.playbook.prices import minor_digits
from agent.playbook.schema import FieldValue, Playbook, Question

_MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_CALLED = (
    "my name is|my name's|call me|ich heiße|ich heisse|mein name ist|me llamo|mi nombre es|je m'appelle"
    "|moi c'est|mi chiamo|meu nome é|me chamo|ik heet|mijn naam is"
)
_I_AM = "i'm|i am|this is|ich bin|soy|je suis|sono|sou|ik ben"
_NAMED = re.compile(
    rf"(?i:{_CALLED})\s+(?P<sure>[^\W\d_][\w'-]+)"
    rf"|\b(?i:{_I_AM})\s+(?P<likely>[A-Z][a-zà-ÿ'-]+)(?=[,.!]|\s+(?:and|und|y|et|from|aus|de|here)\b|\Z)"
)
_COACHES = "coach\\w*|trainer\\w*|business|studio|therap\\w*|instructor|teacher|entrenador\\w*|berater\\w*"
_AS_COACH = re.compile(rf"(?<![a-z])(?:{_COACHES})(?![a-z])")
_CLIENTS = r"(?:clients?|customers?|leads?|kunden|clientes?|clienti|klanten)"
_ASKS_FOR_SOURCE = re.compile(
    rf"(?<![a-z])(?:how|where|wie|woher|como|donde|comment|come|hoe|waar)(?![a-z]).*{_CLIENTS}(?![a-z])"
)
_CHANNEL = re.compile(
    r"(?<![a-z])(?:referrals?|word of mouth|insta(?:gram)?|facebook|tiktok|(?:paid )?ads|google|seo|linkedin"
    r"|youtube|podcast|newsletter|website|recommend\w*|empfehlung\w*|mundpropaganda|recomendaci\w*"
    r"|boca a boca|bouche a oreille|recommand\w*|passaparola|indica\w*|mond-tot-mond)(?![a-z])"
)
_COMES = re.compile(
    rf"(?<![a-z])(?:{_CLIENTS}|from|through|via|by|mostly|mainly|only|uber|durch|meist\w*|por|par|surtout|da"
    r"|tramite|door)(?![a-z])"
)
NAMES = frozenset(("name", "first_name", "your_name", "lead_name"))
"""Fields for the lead's name."""
_NEAR = 30
"""So many characters around an amount its meaning must stand."""
_LEAST = 100
"""A bare number below is no income."""


def unmistakable(
    playbook: Playbook, text: str, folded: str, open_field: str | None, fields: Mapping[str, FieldValue]
) -> dict[str, FieldValue]:
    """What the message states beside its answer, by field."""
    found: dict[str, FieldValue] = {}
    money = [question for question in playbook.questions if question.kind == "money"]
    for question in playbook.questions:
        if question.field == open_field or question.field in fields:
            continue
        value: FieldValue | None = None
        if question.kind == "money" and len(money) == 1:
            value = _income(playbook, question, folded)
        elif question.kind == "choice" and _AS_COACH.search(folded):
            value = choice(question, folded)
        elif question.kind == "text":
            value = _personal(question.field, text) or _source(question, text)
        if value is not None:
            found[question.field] = value
    return found


def beside(clause: str, others: Mapping[str, FieldValue]) -> bool:
    """Whether a clause states one of these other facts, and so is no part of the answer."""
    told = fold(clause)
    if any(isinstance(value, str) and value and fold(value) in told for value in others.values()):
        return True
    named = {value for value in others.values() if isinstance(value, float)}
    return any(amount.money or amount.value in named for amount in quantities(told)) and bool(named)


def _income(playbook: Playbook, question: Question, folded: str) -> float | None:
    prices = {offer.price / 10 ** minor_digits(offer.currency) for offer in playbook.offers}
    for amount in quantities(folded):
        near = folded[max(0, amount.start - _NEAR) : amount.end + _NEAR]
        earned = not EARNING.isdisjoint(re.findall(r"[a-z]+", near)) or (
            amount.money and period(near) == "month"
        )
        earned = earned or (amount.money and bare_quantity(folded))
        if earned and amount.value not in prices and (amount.money or amount.value >= _LEAST):
            return per_month(question, folded, amount)
    return None


def _personal(field: str, text: str) -> str | None:
    if "mail" in field:
        match = _MAIL.search(text)
        return match[0] if match else None
    if field in NAMES:
        return name_in(text)
    return None


def _source(question: Question, text: str) -> str | None:
    """Where clients come from, for a question that asks it."""
    if not _asks_for_source(question.question):
        return None
    told = (
        clause
        for clause in clauses(text)
        if "?" not in clause and not says("small_talk", fold(clause), LANGUAGES)
    )
    found = (
        clause.strip(" ,.;!\n")
        for clause in told
        if _CHANNEL.search(fold(clause)) and _COMES.search(fold(clause))
    )
    return next(found, None)


@lru_cache(maxsize=1000)
def _asks_for_source(question: str) -> bool:
    return _ASKS_FOR_SOURCE.search(fold(question)) is not None


def name_in(text: str) -> str | None:
    """The name that somebody gives himself."""
    match = _NAMED.search(text)
    return (match["sure"] or match["likely"]).capitalize() if match else None
