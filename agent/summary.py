"""The running summary: what a model made of the conversation, for what the kept messages no longer reach.

It is renewed with the reading of a message, beside the reply, every few turns. Where readings fail it is
asked for again with the next one; the kept messages reach twice as far back as a summary may lag.
"""

from agent.reading import clean
from agent.responders.base import Reading
from agent.state import HISTORY_LIMIT, ConversationState

RENEWED_AFTER = HISTORY_LIMIT // 2
"""Messages that the summary does not tell of."""
LONGEST_SUMMARY = 1500


def untold(state: ConversationState) -> int:
    """How many messages the summary does not tell of, the lead's newest among them."""
    messages = state.get("messages", [])
    before = state.get("untold")
    if before is None:
        return len(messages)
    newest = next((n for n, message in enumerate(reversed(messages)) if message.type == "ai"), len(messages))
    return before + newest


def summary_due(state: ConversationState) -> bool:
    """Whether the next reading shall renew the summary."""
    return untold(state) >= RENEWED_AFTER


def summed_up(state: ConversationState, reading: Reading | None) -> ConversationState:
    """The summary after a turn, whose reply it does not tell of yet."""
    if reading is not None and reading.summary and summary_due(state):
        return {"summary": clean(reading.summary, LONGEST_SUMMARY), "untold": 1}
    return {"untold": untold(state) + 1}
