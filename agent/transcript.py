"""The conversation as plain lines, from the messages that LangGraph keeps."""

import re
from collections.abc import Sequence

from langchain_core.messages import BaseMessage

from agent.playbook.schema import Playbook
from agent.responders.base import Message
from agent.state import HISTORY_LIMIT, ConversationState

_ASKS = re.compile(r"[?？؟]")


def transcript(state: ConversationState, playbook: Playbook) -> list[Message]:
    """Oldest first, bounded; it begins with the playbook's opening as long as that is in reach."""
    kept: Sequence[BaseMessage] = state.get("messages", [])
    lines = [line for message in kept if (line := _line(message))]
    reaches_back = len(kept) < HISTORY_LIMIT
    if reaches_back and not (lines and lines[0].role == "ai"):
        lines.insert(0, Message("ai", playbook.opening))
    return lines


def newest_words(messages: Sequence[Message]) -> str:
    """What the lead wrote since the last reply: several messages are answered together."""
    words: list[str] = []
    for message in reversed(messages):
        if message.role == "ai":
            break
        words.append(message.content)
    return "\n".join(reversed(words))


def question_before(messages: Sequence[Message]) -> str:
    """What the lead last asked before the newest words; empty where nothing was."""
    answered = False
    for message in reversed(messages):
        if message.role == "ai":
            answered = True
        elif answered and _ASKS.search(message.content):
            return message.content
    return ""


def _line(message: BaseMessage) -> Message | None:
    """A message that says something; a tool's, or a call of one that was never answered, is left out."""
    if message.type not in ("human", "ai"):
        return None
    text = message.content if isinstance(message.content, str) else str(message.text)
    return Message("human" if message.type == "human" else "ai", text) if text.strip() else None
