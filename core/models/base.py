"""The one interface to language models."""

from collections.abc import AsyncIterator, Sequence
from typing import Literal, Protocol, TypedDict, TypeVar

from pydantic import BaseModel

T = TypeVar("T", bound=BaseModel)


class ChatMessage(TypedDict):
    """One message, in the form that OpenAI made common."""

    role: Literal["system", "user", "assistant"]
    content: str


class ChatModel(Protocol):
    """A model that one can talk to.

    Both calls raise `core.errors.TransientOutsideError` when another try may help (theirs are used up by
    then) and `core.errors.TerminalOutsideError` when it will not.
    """

    @property
    def name(self) -> str:
        """The model's own name, such as ``gpt-6.1-terra``."""

    def stream(self, messages: Sequence[ChatMessage], *, max_tokens: int | None = None) -> AsyncIterator[str]:
        """The answer as it comes, in pieces of one or more tokens, none of them empty."""

    async def structured(self, messages: Sequence[ChatMessage], schema: type[T]) -> T:
        """One answer that is a valid ``schema``."""
