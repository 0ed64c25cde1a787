"""What a message says to a question of the playbook."""

import re
from collections.abc import Sequence
from difflib import get_close_matches
from functools import lru_cache
from typing import NamedTuple

from agent.perception.quantities import Quantity, an_hour, only_an_amount, period, quantities
from agent.perception.rules import LANGUAGES, begins_with, says, says_only
from agent.perception.words import folded as fold
from agent.playbook.cache import per_playbook
from agent.playbook.prices import minor_digits
from agent.playbook.schema import FieldValue, Playbook, Question

LONGEST = 300
_MONTHS = {"year": 1 / 12, "week": 52 / 12, "day": 30.0, "month": 1.0, None: 1.0}
_WEEKS = {"day": 7.0, "month": 12 / 52}
_COUNTED = (
    "clients?|customers?|people|leads?|hours?|hrs?|weeks?|days?|years?|yrs?|kids|calls?|sessions?|months?|minutes?|min"
    "|kunden|stunden|wochen|tage|jahren?|clientes?|horas?|semanas?|heures?|semaines?|ans|jours?"
)
_NOT_MONEY = re.compile(rf"\s*(?:{_COUNTED})(?![a-z])")
_NOTHING = re.compile(
    r"(?<![a-z])(?:(?:haven'?t|have not|don'?t|not|never|hasn'?t) (?:\w+ ){0,3}"
    r"(?:anything|any money|a cent|a dime|money yet)"
    r"|no (?:income|revenue|money|sales)|keine? (?:einnahmen|umsatz|geld)|sin ingresos|aucun revenu)"
)
_COMES_TO = re.compile(r"(?<![a-z])(?:so|=|that's|thats|also|macht|makes) (?:about |like |~)?\Z")
_NEGATED = re.compile(r"(?<![a-z])(?:not|no|kein\w*|nicht|pas|non|nao|geen|niet)(?: \w+)? \Z")
_NONE = re.compile(
    r"(?:none|other|neither|something else|keine?|andere|ningun|otr|aucun|autre|nessun|altr|nenhum|outr|geen"
    r"|anders)"
)
_YES = re.compile(r"(?<![a-z])(?:i do|i am|we do|i have|i did|of course|always|mostly yes)\W*\Z")
_NO = re.compile(
    r"(?<![a-z])(?:i don'?t|i'?m not|i am not|not yet|we don'?t|never|i haven'?t|noch nicht|todavia no"
    r"|pas encore|non ancora)\b"
)
_FILLER = re.compile(
    r"(?i)\A(?:(?:yes|yeah|yep|yup|well|so|um+|uh+|ok(?:ay)?|sure|honestly|hi|hey|hello|ja|also|naja|si|sí|bueno"
    r"|pues|oui|alors|ben|hmm+|right now|currently|at the moment|actually|basically|eigentlich)"
    r"(?:[,.!:;]+\s*|\s+(?=\S+\s+\S)))+"
)
_LEAD_IN = re.compile(
    r"(?i)\A(?:i'm an? |i am an? |i do |i offer |i run |we do |we offer |it'?s |i think it'?s |i'd say "
    r"|ich mache |ich bin |ich biete |hago |soy |ofrezco |je fais |je suis |je propose )(?=\S+)"
)
_OFFER_NUMBER = r"(?<![a-z])(?:option|plan|number|paket|opcion|opzione|offre) ?\d+"
_CLAUSE = re.compile(r"[^,;.!?\n]+(?:[.,](?=\S)[^,;.!?\n]+)*[,;.!?\n]*\s*")


def typed_answer(question: Question, folded: str) -> FieldValue | None:
    """The value for a question of any kind but text; None where the message has none."""
    match question.kind:
        case "money":
            return _money(question, folded)
        case "number":
            return _number(question, folded)
        case "yes_no":
            return _yes_no(folded)
        case "choice":
            return choice(question, folded)
        case _:
            return None


def _money(question: Question, folded: str) -> float | None:
    found = [q for q in quantities(folded) if not _NOT_MONEY.match(folded, q.end) or q.money]
    best = min(found, key=lambda q: (not q.money, q.spelled), default=None)
    if best is None:
        return 0.0 if _NOTHING.search(folded) else None
    return per_month(question, folded, best)


def per_month(question: Question, folded: str, amount: Quantity) -> float:
    """An amount in the period that the question asks for."""
    if period(fold(question.question)) != "month":
        return amount.value
    return round(amount.value * _MONTHS[period(folded[amount.end : amount.end + 24])], 2)


def _number(question: Question, folded: str) -> float | None:
    found = quantities(folded)
    if found and _COMES_TO.search(folded[: found[-1].start]):
        return found[-1].value
    value = found[0].value if found else an_hour(folded)
    if value is None or period(fold(question.question)) != "week":
        return value
    return round(value * _WEEKS.get(period(folded) or "", 1.0), 2)


def _yes_no(folded: str) -> bool | None:
    if begins_with("no", folded) is not None or _NO.search(folded):
        return False
    if begins_with("yes_first", folded) is not None or _YES.search(folded):
        return True
    return None


def choice(question: Question, folded: str) -> str | None:
    """The choice that a message names, also misspelled; a plain no is the choice "none of these"."""
    options = _options(question.choices)
    places = {}
    for option, written in options.written.items():
        match = written.search(folded)
        if match and not _NEGATED.search(folded[: match.start()]):
            places[option] = match.start()
    if places:
        return min(places, key=lambda option: places[option])
    for word in _LONG_WORD.findall(folded):
        near = [single for single in options.single if _could_be(word, single)]
        if close := get_close_matches(word, near, n=1, cutoff=_MISSPELLED):
            return options.single[close[0]]
    return options.none if options.none and begins_with("no", folded) is not None else None


_SHORT_WORD = 4
_LONG_WORD = re.compile(r"[a-z]{5,}")
_MISSPELLED = 0.84
_LETTERS = 2


class _Options(NamedTuple):
    """How the choices of a question are looked for."""

    written: dict[str, re.Pattern[str]]
    single: dict[str, str]
    """Those that are one long word, by its folded form."""
    none: str | None
    """The one that stands for none of the others."""


@lru_cache(maxsize=1000)
def _options(choices: tuple[str, ...]) -> _Options:
    return _Options(
        {option: _written(option) for option in choices},
        {fold(option): option for option in choices if len(option) > _SHORT_WORD and " " not in option},
        next((option for option in choices if _NONE.match(fold(option))), None),
    )


def _written(option: str) -> re.Pattern[str]:
    """A short option stands alone; a longer one may begin a compound."""
    compound = "" if len(option) > _SHORT_WORD else "(?![a-z0-9])"
    return re.compile(rf"(?<![a-z0-9]){re.escape(fold(option))}{compound}")


def _could_be(word: str, option: str) -> bool:
    """Whether their lengths alone allow it, which spares most words the comparison of letters."""
    return 2 * min(len(word), len(option)) / (len(word) + len(option)) >= _MISSPELLED


def clauses(text: str) -> list[str]:
    """A message's clauses, each with the mark and the space behind it."""
    return _CLAUSE.findall(text)


def telling(playbook: Playbook, text: str) -> str:
    """The folded message without its questions, and without the numbers that offers go by."""
    told = "".join(clause for clause in clauses(text) if not says("question", fold(clause), LANGUAGES))
    return re.sub(rf"{_OFFER_NUMBER}|{_prices(playbook)}(?=[^.!\n]*\?)", " ", fold(told))


@per_playbook
def _prices(playbook: Playbook) -> str:
    """A pattern for the offers' prices in whole units."""
    amounts = [offer.price // 10 ** minor_digits(offer.currency) for offer in playbook.offers]
    written = "|".join(f"{amount}|{amount:,}" for amount in amounts)
    return rf"(?<![\d.,])(?:{written})(?![\d.,]*\d)"


def text_answer(told: Sequence[str]) -> str | None:
    """What ``told``, a message's clauses, answers in the lead's own words; None where it says nothing."""
    folded = fold("".join(told))
    if says("unknown", folded, LANGUAGES) or says("small_talk", folded, LANGUAGES):
        return None
    kept = "".join(clause for clause in told if not _asks(clause) and not only_an_amount(fold(clause)))
    kept = _LEAD_IN.sub("", " ".join(_FILLER.sub("", kept).split())).rstrip(" .,;!")
    if sum(map(str.isalpha, kept)) < _LETTERS or says_only("yes", fold(kept)):
        return None
    return kept[:LONGEST]


def _asks(clause: str) -> bool:
    return clause.rstrip().endswith("?") or says("question", fold(clause), LANGUAGES)
