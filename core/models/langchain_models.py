"""Any LangChain chat model as a `ChatModel`, for providers that do not speak OpenAI's protocol."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, cast

from core.errors import OutsideError, TerminalOutsideError, TransientOutsideError
from core.models.base import ChatMessage, T
from core.models.endpoint import TRANSIENT_STATUSES
from core.models.openai_compatible import Timeouts

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import AIMessageChunk

TRANSIENT_NAMES = ("timeout", "connect", "network", "ratelimit", "overloaded", "unavailable", "protocolerror")


class LangChainModel:
    """An adapter around ``chat``. The provider's own client does the retries (two, for most)."""

    def __init__(self, chat: "BaseChatModel", name: str, *, timeouts: Timeouts | None = None) -> None:
        self.name = name
        self._chat = chat
        self._timeouts = timeouts or Timeouts()

    async def stream(
        self, messages: Sequence[ChatMessage], *, max_tokens: int | None = None
    ) -> AsyncGenerator[str, None]:
        """The chunks that have text in them."""
        loop_time = asyncio.get_running_loop().time
        last_by = loop_time() + self._timeouts.total_s
        by = min(last_by, loop_time() + self._timeouts.first_token_s)
        said = False
        try:
            async with aclosing(self._chunks(messages, max_tokens)) as chunks:
                while True:
                    async with asyncio.timeout_at(by):
                        chunk = await anext(chunks, None)
                    if chunk is None:
                        break
                    if piece := str(chunk.text):
                        yield piece
                        said, by = True, min(last_by, loop_time() + self._timeouts.between_tokens_s)
        except Exception as error:  # each provider has its own
            raise _outside(error) from None
        if not said:
            raise TransientOutsideError("The model answered without a word.")

    async def structured(self, messages: Sequence[ChatMessage], schema: type[T]) -> T:
        """By the provider's own way to structured output."""
        reader = self._chat.with_structured_output(schema)
        try:
            async with asyncio.timeout(self._timeouts.total_s):
                answer = await reader.ainvoke([dict(message) for message in messages])
        except Exception as error:  # each provider has its own
            raise _outside(error) from None
        if not isinstance(answer, schema):
            raise TerminalOutsideError(f"The model's answer is not a {schema.__name__}.")
        return answer

    def _chunks(
        self, messages: Sequence[ChatMessage], max_tokens: int | None
    ) -> "AsyncGenerator[AIMessageChunk, None]":
        limit: dict[str, Any] = (
            {"max_tokens": max_tokens} if max_tokens and hasattr(self._chat, "max_tokens") else {}
        )
        chunks = self._chat.astream([dict(message) for message in messages], **limit)
        return cast("AsyncGenerator[AIMessageChunk, None]", chunks)


def langchain_model(chat_model: str, *, timeouts: Timeouts | None = None, **options: Any) -> LangChainModel:
    """``provider:name`` as a model; ``options`` go to the provider's class.

    Raises `TerminalOutsideError` for an unknown provider, one whose package is not installed, and one
    that lacks its key.
    """
    from langchain.chat_models import init_chat_model

    try:
        chat = init_chat_model(chat_model, **options)
    except ImportError as error:
        raise TerminalOutsideError(f"CHAT_MODEL={chat_model} needs a package: {error}") from error
    except Exception as error:  # each provider has its own
        raise TerminalOutsideError(
            f"CHAT_MODEL={chat_model} cannot be used ({type(error).__name__})."
        ) from error
    return LangChainModel(chat, chat_model.partition(":")[2] or chat_model, timeouts=timeouts)


def _outside(error: Exception) -> OutsideError:
    """Its kind, by its status and its name; its words stay out, they may quote the key or the prompt."""
    if isinstance(error, OutsideError):
        return error
    name = type(error).__name__
    status = getattr(error, "status_code", None) or getattr(error, "code", None)
    transient = (
        status in TRANSIENT_STATUSES
        or isinstance(error, (TimeoutError, ConnectionError))
        or any(word in name.lower() for word in TRANSIENT_NAMES)
    )
    failure = TransientOutsideError if transient else TerminalOutsideError
    return failure(f"The model's provider failed ({name}{f', {status}' if status else ''}).")
