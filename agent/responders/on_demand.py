"""The settings' model, opened for each call: for runs that nobody prepared, as under ``langgraph dev``."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager

from agent.responders.base import Brief, Reading
from agent.responders.model import ModelResponder
from core.errors import TerminalOutsideError
from core.models.choice import open_chat_models
from core.settings import Settings


class OnDemandResponder:
    """A `ModelResponder` that holds no connection between its calls."""

    scripted = False

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @property
    def name(self) -> str:
        """The model's own name."""
        return self._settings.chat_model or self._settings.openai_model

    async def stream(self, brief: Brief) -> AsyncGenerator[str, None]:
        """The model's words as they come."""
        async with self._opened() as responder, aclosing(responder.stream(brief)) as pieces:
            async for piece in pieces:
                yield piece

    async def read(self, brief: Brief) -> Reading:
        """The newest message in fields."""
        async with self._opened() as responder:
            return await responder.read(brief)

    @asynccontextmanager
    async def _opened(self) -> AsyncIterator[ModelResponder]:
        async with open_chat_models(self._settings) as models:
            if models is None:
                raise TerminalOutsideError("The settings name no model.")
            yield ModelResponder(models.reply, models.reader)
