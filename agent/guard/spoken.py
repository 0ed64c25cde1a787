"""What the playbook itself says, in the form that the guard compares with."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from agent.guard.amounts import NUMBER, PERCENT, amounts, number_value
from agent.guard.text import plain
from agent.guard.vocabulary import COMMERCIAL, FAMILIES, HARMLESS, LASTING, RESULTS, Family, word_list
from agent.playbook.schema import Playbook

_END = re.compile(r"(?<=[.!?])[\"')\]]*\s+|\n+")
_WORD = re.compile(r"[a-z]{3,}")
_UNITS = re.compile(
    r"[ -]*(?:full |calendar |volle )?(?:(minut\w*|mins?)|(hours?|stunden?|horas?|heures?|or[ae]|uur|uren)"
    r"|(days?|tag(?:e|en|ig\w*)?|dias?|jours?|giorn[io]|dag(?:en)?)|(weeks?|woche\w*|wochig\w*|semanas?|semaines?"
    r"|settiman[ae]|week|weken)|(months?|monat\w*|mes(?:es)?|mois|mes[ei]|maand\w*)"
    r"|(years?|jahr\w*|anos?|ans|anno|anni|jaar|jaren))(?![a-z])"
)
_IDLE = frozenset(word_list("content", "idle"))


def sentences(text: str) -> list[str]:
    """The sentences of a plain text."""
    return [part.strip() for part in _END.split(text) if part and part.strip()]


def measured(text: str) -> frozenset[tuple[float | None, str]]:
    """Every number with the kind of time it counts, as ``(14.0, "day")``; "" for anything else."""
    found = set()
    for match in NUMBER.finditer(text):
        unit = _UNITS.match(text, match.end())
        kinds = ("minute", "hour", "day", "week", "month", "year")
        kind = next((kinds[i] for i, hit in enumerate(unit.groups()) if hit), "") if unit else ""
        found.add((number_value(match[0]), kind))
    return frozenset(found)


_CALMED = frozenset(("discount", "free", "bonus"))


def families(text: str) -> dict[Family, list[tuple[int, int]]]:
    """Where a plain sentence mentions which commitments."""
    calm = HARMLESS.sub(lambda m: " " * len(m[0]), text)
    found = {
        family: [m.span() for m in pattern.finditer(calm if family in _CALMED else text)]
        for family, pattern in FAMILIES.items()
    }
    return {family: spans for family, spans in found.items() if spans}


def content(text: str) -> frozenset[str]:
    """The words that carry a sentence's meaning, by their beginnings."""
    return frozenset(word[:5] for word in _WORD.findall(text) if word not in _IDLE)


@dataclass(frozen=True, slots=True)
class Said:
    """One sentence of the playbook."""

    families: frozenset[Family]
    measured: frozenset[tuple[float | None, str]]
    content: frozenset[str]
    lasting: frozenset[str]
    commercial: bool


@dataclass(frozen=True, slots=True)
class Spoken:
    """All that the playbook wants spoken."""

    plain: tuple[str, ...]
    said: tuple[Said, ...]
    money: frozenset[float | None]
    percents: frozenset[float | None]


def texts(playbook: Playbook) -> Iterator[str]:
    """Every text that the owner wrote for leads to hear."""
    yield from (playbook.business, playbook.opening)
    for question in playbook.questions:
        yield question.question
        if question.disqualifies:
            yield question.disqualifies.message
    for offer in playbook.offers:
        yield from (offer.name, offer.summary, offer.ideal_for)
    for objection in playbook.objections:
        yield objection.answer


def said(sentence: str) -> Said:
    """What one plain sentence commits to."""
    found, rest = families(sentence), sentence
    for start, end in (span for spans in found.values() for span in spans):
        rest = rest[:start] + " " * (end - start) + rest[end:]
    return Said(
        frozenset(found),
        measured(sentence),
        content(rest),
        frozenset(m[0] for m in LASTING.finditer(sentence)),
        bool(COMMERCIAL.search(sentence)),
    )


def spoken(playbook: Playbook) -> Spoken:
    """What ``playbook`` says."""
    written = tuple(plain(text) for text in texts(playbook))
    return Spoken(
        tuple(map(bare, written)),
        tuple(said(sentence) for text in written for sentence in sentences(text)),
        frozenset(amount.value for text in written for amount in amounts(text)),
        frozenset(percent_value(match) for text in written for match in PERCENT.finditer(text)),
    )


_SHARE = 0.6
"""Of a sentence's words so many must be the playbook's for it to be the same statement."""
_TAKEN_BACK = frozenset(("refund", "guarantee"))
_AROUND_IT = content(" ".join(word_list("content", "around_a_refund")))
_MONEY = re.compile(r"(?<![a-z])(?:money|return|geld|dinero|argent|denaro|dinheiro)(?![a-z])")


def restated(spoken: Spoken, text: str, new: Said) -> bool:
    """Whether ``text`` says what one of the playbook's sentences says: the same commitments, no other
    number, nothing that makes it larger, and mostly the same words."""
    return any(
        new.families <= old.families
        and new.measured <= old.measured
        and new.lasting <= old.lasting
        and (_same_words(new, old) or _same_return(text, new, old))
        for old in spoken.said
    )


def _same_words(new: Said, old: Said) -> bool:
    return bool(new.content) and len(new.content & old.content) >= _SHARE * len(new.content)


def _same_return(text: str, new: Said, old: Said) -> bool:
    """The owner's refund or guarantee, told by its number (in any language) or by next to nothing else."""
    if not new.families or not new.families <= _TAKEN_BACK or not old.families <= _TAKEN_BACK:
        return False
    if new.measured:
        return not RESULTS.search(_MONEY.sub(" ", text))
    return new.families == old.families and new.content <= _AROUND_IT | old.content


def percent_value(match: re.Match[str]) -> float | None:
    """The number of a match of `PERCENT`."""
    return number_value(match["number"] or match["turned"])


def bare(text: str) -> str:
    """The words and signs of a plain text with single spaces, for finding one in another."""
    return " " + " ".join(re.findall(r"[a-z0-9$€£%]+(?:[.,'][a-z0-9]+)*", text)) + " "
