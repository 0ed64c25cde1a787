"""Which embedding model is in use, and how to reach the one that older vectors are from."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from core.embeddings.base import Embedder
from core.embeddings.local import LocalEmbedder
from core.embeddings.openai_compatible import OpenAICompatibleEmbedder
from core.models.choice import OPENAI_HOST
from core.models.endpoint import Endpoint
from core.settings import Settings

_LOCAL = LocalEmbedder()


class Embedders:
    """The model that new vectors are made with, and others by their name."""

    def __init__(self, current: Embedder, endpoint: Endpoint | None) -> None:
        self.current = current
        self._endpoint = endpoint

    def named(self, name: str) -> Embedder | None:
        """The model with this name; None where it cannot be asked any more."""
        if name == self.current.name:
            return self.current
        if name == _LOCAL.name:
            return _LOCAL
        return OpenAICompatibleEmbedder(self._endpoint, name) if self._endpoint else None


@asynccontextmanager
async def open_embedders(settings: Settings) -> AsyncIterator[Embedders]:
    """With a key, ``OPENAI_EMBEDDING_MODEL`` is in use; without, the local model."""
    if not uses_endpoint(settings):
        yield Embedders(_LOCAL, None)
        return
    async with Endpoint(settings.openai_base_url, settings.openai_api_key, route="embeddings") as endpoint:
        yield Embedders(OpenAICompatibleEmbedder(endpoint, settings.openai_embedding_model), endpoint)


def uses_endpoint(settings: Settings) -> bool:
    """Whether vectors come over the network. An endpoint of one's own needs no key, but its model's name."""
    if settings.openai_api_key and settings.openai_api_key.get_secret_value():
        return bool(settings.openai_embedding_model)
    own = urlsplit(settings.openai_base_url).hostname != OPENAI_HOST
    return (
        own
        and "openai_embedding_model" in settings.model_fields_set
        and bool(settings.openai_embedding_model)
    )
