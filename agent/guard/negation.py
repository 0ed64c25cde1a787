"""Whether a mention is a refusal: "we don't offer discounts" is none, "why not take a discount" is one.

Strict on purpose: between the "no" and the mention only words stand that change nothing.
"""

import re

from agent.guard.vocabulary import FAMILIES, alternatives, word_list

_NO = rf"(?:{'|'.join(word_list('negation', 'no'))}|\w+n't|instead of|rather than)"
_NO_WORD = re.compile(_NO)
_NO_AFTER = re.compile(
    r"(?:(?:auf|fur|of|for|on|de|sur|su|op) (?:[a-z]+ ){1,2})?"
    rf"(?:(?:{'|'.join(word_list('negation', 'leading'))}) ){{0,4}}{_NO}"
    rf"(?!(?: an?| ein\w*| une?| un[ao])? (?:{'|'.join(word_list('negation', 'no_after_all'))})(?![a-z]))"
    r"(?![a-z])"
)
_IDLE = frozenset(word_list("negation", "idle"))
_DOUBLED = frozenset(word_list("negation", "doubled"))
_TURNED = frozenset(word_list("negation", "turned"))
_TERM = re.compile("|".join(f"(?:{pattern.pattern})" for pattern in FAMILIES.values()))
_NUMBER_WORD = re.compile(r"[\d.,%]+|percent|prozent|procent|cento|ciento|cent")
_BUT = "but|aber|pero|mais|ma|mas|maar|sondern|however|doch"
_CLAUSE = re.compile(rf"[,;:!?()\n\"]|\.(?=\s|\Z)| - |(?<![a-z])(?:{_BUT})(?![a-z])")
_ASKED_FOR = re.compile(rf"{alternatives('negation', 'asked')}[^.!?,;]{{0,40}}\Z")
_REFUSED_LATER = re.compile(
    rf"{alternatives('negation', 'but')}(?:,| )[^.!?]{{0,30}}?{alternatives('negation', 'refused')}"
    r"|\A ?[:,-] ?(?:there(?:'s| is| are)|we (?:have|offer)|i have) (?:none|no)(?![a-z])"
)
_MENTION = "@"
_REACH = 6
"""So many words before a "no" another one turns it round."""


def _idle(word: str) -> bool:
    return word in _IDLE or word == _MENTION or bool(_NUMBER_WORD.fullmatch(word))


def _clause_before(text: str, start: int) -> str:
    cut = 0
    for match in _CLAUSE.finditer(text, 0, start):
        cut = match.end()
    return text[cut:start].strip()


def _negated_before(clause: str) -> bool:
    remaining = _TERM.sub(_MENTION, clause).split(" ")
    while remaining:
        word = remaining.pop()
        pair = f"{remaining[-1]} {word}" if remaining else word
        if _NO_WORD.fullmatch(word) or _NO_WORD.fullmatch(pair):
            again = any(map(_NO_WORD.fullmatch, remaining[-_REACH:])) and word not in _DOUBLED
            return not again and not (remaining and remaining[-1] in _TURNED)
        if not _idle(word):
            return False
    return False


def refused(text: str, start: int, end: int) -> bool:
    """Whether what stands at ``start`` to ``end`` of the plain sentence ``text`` is refused in it."""
    if _negated_before(_clause_before(text, start)):
        return True
    rest = text[end:]
    if _NO_AFTER.match(rest.lstrip(" \"'").removeprefix("s ")):
        return True
    return bool(_ASKED_FOR.search(text[:start]) and _REFUSED_LATER.search(rest))
