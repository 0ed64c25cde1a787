"""A language model as the one who speaks and the one who reads."""

from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing
from itertools import groupby
from typing import cast

from agent.prompting import lead_words, reader_prompt, summary_request, system_prompt
from agent.responders.base import Brief, Message, Reading
from core.models.base import ChatMessage, ChatModel

REPLY_TOKENS = 500
READ_MESSAGES = 6
"""How far back the reader looks, unless it sums up."""
OPENS_THE_CHAT = ChatMessage(role="user", content="<lead>\n(opens the chat)\n</lead>")


class ModelResponder:
    """``chat`` writes the replies; ``reader``, which may be a smaller model, reads the messages."""

    scripted = False

    def __init__(self, chat: ChatModel, reader: ChatModel | None = None) -> None:
        self._chat = chat
        self._reader = reader or chat

    @property
    def name(self) -> str:
        """The replying model's own name."""
        return self._chat.name

    async def stream(self, brief: Brief) -> AsyncGenerator[str, None]:
        """The model's words as they come."""
        system = ChatMessage(role="system", content=system_prompt(brief))
        words = self._chat.stream([system, *_conversation(brief.messages)], max_tokens=REPLY_TOKENS)
        async with aclosing(cast("AsyncGenerator[str, None]", words)) as pieces:
            async for piece in pieces:
                yield piece

    async def read(self, brief: Brief) -> Reading:
        """The newest message in fields, by a structured call."""
        told, within_reach = reader_prompt(brief.playbook), brief.messages[-READ_MESSAGES:]
        if brief.summary_due:
            told, within_reach = f"{told}\n\n{summary_request(brief)}", brief.messages
        system = ChatMessage(role="system", content=told)
        return await self._reader.structured([system, *_conversation(within_reach)], Reading)


def _conversation(messages: Iterable[Message]) -> list[ChatMessage]:
    """Alternating, the lead first: what every chat template takes."""
    turns = [_joined(role == "human", list(lines)) for role, lines in groupby(messages, lambda m: m.role)]
    return turns if turns and turns[0]["role"] == "user" else [OPENS_THE_CHAT, *turns]


def _joined(from_lead: bool, lines: list[Message]) -> ChatMessage:
    if from_lead:
        return ChatMessage(role="user", content="\n".join(lead_words(line.content) for line in lines))
    return ChatMessage(role="assistant", content="\n\n".join(line.content for line in lines))
