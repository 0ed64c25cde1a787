"""Calls of a model as spans."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import cast

from opentelemetry import trace

from core.models.base import ChatMessage, ChatModel, T
from core.tracing.spans import fail, span


class TracedModel:
    """A model, and how long it took; the first token is an event of its span."""

    def __init__(self, model: ChatModel) -> None:
        self._model = model
        self.name = model.name
        self._about = {"gen_ai.operation.name": "chat", "gen_ai.request.model": model.name}

    async def stream(
        self, messages: Sequence[ChatMessage], *, max_tokens: int | None = None
    ) -> AsyncGenerator[str, None]:
        """The model's own stream."""
        # Not made the current one: what listens runs in between, in a context of its own.
        current = trace.get_tracer("limitless").start_span(f"chat {self.name}", attributes=self._about)
        pieces = 0
        try:
            words = self._model.stream(messages, max_tokens=max_tokens)
            async with aclosing(cast("AsyncGenerator[str, None]", words)) as stream:
                async for piece in stream:
                    if not pieces:
                        current.add_event("first_token")
                    pieces += 1
                    yield piece
        except Exception as fault:
            fail(current, fault)
            raise
        finally:
            current.set_attribute("limitless.pieces", pieces)
            current.end()

    async def structured(self, messages: Sequence[ChatMessage], schema: type[T]) -> T:
        """The model's own answer."""
        with span(
            f"chat {self.name}",
            gen_ai__operation__name="chat",
            gen_ai__request__model=self.name,
            gen_ai__output__type="json",
        ):
            return await self._model.structured(messages, schema)
