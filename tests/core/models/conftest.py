"""A model on loopback, and a client to it."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Protocol

import pytest
from pydantic import SecretStr

from core.models.base import ChatMessage, ChatModel
from core.models.endpoint import Endpoint
from core.models.openai_compatible import OpenAICompatibleModel, Timeouts
from tests.standins.openai import OpenAIStandin, openai_standin

KEY = "sk-a-key-that-nobody-may-see"
HELLO: list[ChatMessage] = [
    {"role": "system", "content": "You sell."},
    {"role": "user", "content": "Hello"},
]


@pytest.fixture
async def standin() -> AsyncIterator[OpenAIStandin]:
    async with openai_standin(tokens=8) as standin:
        yield standin


class OpenModel(Protocol):
    def __call__(
        self, timeouts: Timeouts | None = None, reasoning_effort: str | None = None
    ) -> AbstractAsyncContextManager[OpenAICompatibleModel]: ...


@pytest.fixture
def open_model(standin: OpenAIStandin, monkeypatch: pytest.MonkeyPatch) -> OpenModel:
    """Opens the thin client on the stand-in, its pauses between tries short."""
    monkeypatch.setattr("core.models.retries.FIRST_PAUSE_S", 0.001)

    @asynccontextmanager
    async def opened(
        timeouts: Timeouts | None = None, reasoning_effort: str | None = None
    ) -> AsyncIterator[OpenAICompatibleModel]:
        async with Endpoint(standin.base_url, SecretStr(KEY)) as endpoint:
            yield OpenAICompatibleModel(
                endpoint, "standin", timeouts=timeouts, reasoning_effort=reasoning_effort
            )

    return opened


async def said_by(model: ChatModel) -> str:
    """The whole reply to a hello."""
    return "".join([piece async for piece in model.stream(HELLO)])
