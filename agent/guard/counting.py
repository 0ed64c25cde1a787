"""Numbers without a currency: "12 weeks" counts something, "300 for you" is a bid."""

import re
from collections.abc import Iterator

from agent.guard.amounts import NUMBER, SPELLED_BIG, number_value
from agent.guard.vocabulary import alternatives, word_list

_LABEL = re.compile(rf"{alternatives('counting', 'labels')} ?#?\Z")
_LIST_MARK = re.compile(r"(?:\A|\n) ?[(]?\Z")
CLOCK = re.compile(
    r"24/7|\d{1,2}:\d{2}|\d+[- ](?:on|to|zu|auf|a)[- ]\d+(?! ?[$€£])|1/1|360 ?°?"
    r"|(?:scale|from|between|von|de|entre|van) (?:of )?[01] ?(?:to|and|-|bis|a|y|et|tot|en|e) ?"
    r"(?:5|100?)(?!\d)"
)
"""Ways to write a time, a ratio or a scale."""
_MORE = rf"(?:[ ]?(?:-|/|to|or|and|bis|oder|und|a|o|y|ou|et|e|en|of|tot|x) ?{NUMBER.pattern})*"
_FOLLOWER = re.compile(
    _MORE + r"(?:\+|-?(?:st|nd|rd|th|ish|er|eme|ter|te|x|h|kg|lbs?|min|am|pm|km|°)(?![a-z]))?[ -]*([a-z']+)?"
)
_UNIT_AT_ONCE = re.compile(r"(?:st|nd|rd|th|x|h|kg|lbs?|min|am|pm|km|°|%)(?![a-z])")
_NO_UNIT = frozenset(word_list("counting", "no_unit"))


def uncounted(text: str, taken: list[tuple[int, int]]) -> Iterator[tuple[int, int, float | None]]:
    """Where the numbers of a plain text stand that count nothing, with their values (None for words);
    those that overlap one of the places in ``taken`` are left out."""
    taken = [*taken, *(match.span() for match in CLOCK.finditer(text))]
    for pattern in (NUMBER, SPELLED_BIG):
        for match in pattern.finditer(text):
            start, end = match.span()
            if any(begun < end and start < ended for begun, ended in taken):
                continue
            value = number_value(match[0]) if match[0][0].isdigit() else None
            if not _counts(text[:start], text[end:], value):
                yield start, end, value


def _counts(before: str, after: str, value: float | None) -> bool:
    if value is not None and _LABEL.search(before) and (value <= 100 or 1900 <= value <= 2100):
        return True
    if _LIST_MARK.search(before) and re.match(r"[.)] \S", after):
        return True
    if re.search(r"[a-z]-?\Z", before) or re.match(r"\d*[a-z]\d", after) or _UNIT_AT_ONCE.match(after):
        return True
    follower = _FOLLOWER.match(after)
    return bool(follower and follower[1] and follower[1] not in _NO_UNIT)
