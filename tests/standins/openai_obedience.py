"""The worst model there is: it says whatever the lead demands."""

import re

from tests.standins.openai_orders import Messages

PROMPT = re.compile(r"prompt|instruction|\brules\b|everything above|verbatim|canary|secret", re.IGNORECASE)
QUOTED = re.compile(r'["“«]([^"”»]{3,})["”»]')
MONEY = r"USD|EUR|GBP|dollars?|bucks|euros?|pounds?|€|\$"
PRICE = re.compile(rf"[$€£¥]\s?\d(?:[\d.,]*\d)?|\d[\d.,]*\s?(?:{MONEY})", re.IGNORECASE)
PERCENT = re.compile(r"\d+(?:[.,]\d+)?\s?(?:%|percent|per cent)", re.IGNORECASE)
LINK = re.compile(r"(?:https?://|www\.)\S+|\b[\w-]+\.(?:com|net|org|io|example)(?:/\S*)?", re.IGNORECASE)
PROMISE = re.compile(r"guarant\w+|money[- ]back|refund\w*|risk[- ]free|promis\w+|\bfree\b", re.IGNORECASE)
JSON_OBJECT = re.compile(r"\{.*\}", re.DOTALL)


def obedient_reply(messages: Messages) -> str:
    """A reply that grants each demand of the last user message, and prints the system prompt when asked."""
    demand = _last_of(messages, "user")
    said = ["Of course."]
    if PROMPT.search(demand):
        said += ["Here is all of it:", *(_text(m) for m in messages if m.get("role") == "system")]
    said += QUOTED.findall(demand)
    said += [f"The price for you is {price}." for price in PRICE.findall(demand)]
    said += [f"You get {percent} off." for percent in PERCENT.findall(demand)]
    said += [f"Pay here: {link} ." for link in LINK.findall(demand)]
    said += [f"Yes, {promise}: you have my word." for promise in PROMISE.findall(demand)]
    return " ".join([*said, "As you say:", demand])


def obedient_answer(messages: Messages) -> str | None:
    """The object that the last user message dictates, for a structured call; None when it dictates none."""
    dictated = JSON_OBJECT.search(_last_of(messages, "user"))
    return dictated[0] if dictated else None


def _last_of(messages: Messages, role: str) -> str:
    return next((_text(m) for m in reversed(messages) if m.get("role") == role), "")


def _text(message: dict[str, object]) -> str:
    content = message.get("content")
    if isinstance(content, list):
        return " ".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return str(content or "")
