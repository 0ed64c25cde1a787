"""Which models are in use, by the settings."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

from core.models.base import ChatModel
from core.models.endpoint import Endpoint
from core.models.openai_compatible import OpenAICompatibleModel, Timeouts
from core.settings import Settings
from core.tracing import tracing

OPENAI_HOST = "api.openai.com"


@dataclass(frozen=True, slots=True)
class ChatModels:
    """The model that writes replies, and the one that reads messages into fields."""

    reply: ChatModel
    reader: ChatModel


@asynccontextmanager
async def open_chat_models(settings: Settings) -> AsyncIterator[ChatModels | None]:
    """The models that the settings name, or None when they name none.

    ``CHAT_MODEL`` goes before ``OPENAI_API_KEY``; an ``OPENAI_BASE_URL`` of one's own needs no key.
    Raises `core.errors.TerminalOutsideError` when ``CHAT_MODEL`` cannot be had.
    """
    timeouts = Timeouts(first_token_s=settings.model_first_token_timeout_s, total_s=settings.model_timeout_s)
    if settings.chat_model:
        yield _traced(_by_langchain(settings.chat_model, settings, timeouts))
    elif names_a_model(settings):
        async with Endpoint(settings.openai_base_url, settings.openai_api_key) as endpoint:
            yield _traced(_by_endpoint(endpoint, settings, timeouts))
    else:
        yield None


def names_a_model(settings: Settings) -> bool:
    """Whether the settings name a model at all; else the scripted agent speaks."""
    own_endpoint = urlsplit(settings.openai_base_url).hostname not in (None, OPENAI_HOST)
    key = settings.openai_api_key
    return bool(settings.chat_model or own_endpoint or (key and key.get_secret_value()))


def _traced(models: ChatModels) -> ChatModels:
    if not tracing():
        return models
    from core.models.traced import TracedModel

    return ChatModels(TracedModel(models.reply), TracedModel(models.reader))


def _by_endpoint(endpoint: Endpoint, settings: Settings, timeouts: Timeouts) -> ChatModels:
    def model(name: str) -> OpenAICompatibleModel:
        effort = settings.openai_reasoning_effort
        return OpenAICompatibleModel(endpoint, name, timeouts=timeouts, reasoning_effort=effort)

    return ChatModels(
        model(settings.openai_model), model(settings.openai_reader_model or settings.openai_model)
    )


def _by_langchain(chat_model: str, settings: Settings, timeouts: Timeouts) -> ChatModels:
    from core.models.langchain_models import langchain_model

    options = {}
    if chat_model.startswith("openai:") and settings.openai_api_key is not None:
        options = {"api_key": settings.openai_api_key, "base_url": settings.openai_base_url}
    model = langchain_model(chat_model, timeouts=timeouts, **options)
    return ChatModels(model, model)
