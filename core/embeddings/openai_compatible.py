"""Embeddings from any endpoint that speaks OpenAI's."""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import orjson

from core.errors import TerminalOutsideError, TransientOutsideError
from core.models.endpoint import Endpoint
from core.models.retries import Retries

if TYPE_CHECKING:
    from core.embeddings.base import Vectors

BATCH_TIMEOUT_S = 60.0
QUERY_TIMEOUT_S = 2.0
QUERY_CHARACTERS = 4_000


class OpenAICompatibleEmbedder:
    """One model behind an open `Endpoint` whose route is ``embeddings``."""

    batch_size = 128

    def __init__(self, endpoint: Endpoint, name: str) -> None:
        self.name = name
        self._endpoint = endpoint

    async def embed(self, texts: Sequence[str]) -> Vectors:
        """As `core.embeddings.base.Embedder.embed`."""
        return await self._embed(texts, BATCH_TIMEOUT_S)

    async def embed_query(self, text: str) -> Vectors:
        """As `core.embeddings.base.Embedder.embed_query`; a lead waits for it, so not for long."""
        return (await self._embed([text[:QUERY_CHARACTERS]], QUERY_TIMEOUT_S)).reshape(-1)

    async def _embed(self, texts: Sequence[str], timeout_s: float) -> Vectors:
        # An empty text is refused by some.
        request = {"model": self.name, "input": [text or " " for text in texts], "encoding_format": "base64"}
        body = orjson.dumps(request)
        by = asyncio.get_running_loop().time() + timeout_s
        retries = Retries(by)
        while True:
            try:
                async with self._endpoint.post(body, by=by) as response, asyncio.timeout_at(by):
                    return _vectors(await response.read(), len(texts))
            except TransientOutsideError as fault:
                await retries.pause(fault)


def _vectors(answer: bytes, count: int) -> Vectors:
    import numpy as np

    try:
        rows = sorted(orjson.loads(answer)["data"], key=lambda row: int(row["index"]))
        vectors: Vectors = np.array([_numbers(row["embedding"]) for row in rows], dtype=np.float32)
    except (ValueError, KeyError, TypeError, binascii.Error) as fault:
        raise TerminalOutsideError("The embeddings endpoint answered with something else.") from fault
    if vectors.ndim != 2 or len(vectors) != count or not np.isfinite(vectors).all():
        raise TerminalOutsideError("The embeddings endpoint answered with something else.")
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), np.float32(1e-12))
    return vectors


def _numbers(value: Any) -> Any:
    """Some endpoints do not know base64 and send a list."""
    import numpy as np

    return np.frombuffer(base64.b64decode(value, validate=True), "<f4") if isinstance(value, str) else value
