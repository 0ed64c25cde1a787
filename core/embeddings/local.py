"""`wordllama`: token vectors from a package, averaged. No network, no key, a quarter of a millisecond."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from core.embeddings.base import Vectors

QUERY_CHARACTERS = 2_000
NUMBERS = 256


class LocalEmbedder:
    """256 numbers a text, best for English. The weights are loaded with the first text (0.3 s, 40 MB)."""

    name = "wordllama-l2-256"
    batch_size = 256

    async def embed(self, texts: Sequence[str]) -> Vectors:
        """As `Embedder.embed`, on a thread of its own."""
        return await asyncio.to_thread(unit_vectors, list(texts))

    async def embed_query(self, text: str) -> Vectors:
        """As `Embedder.embed_query`."""
        if _loaded.cache_info().currsize == 0:
            await asyncio.to_thread(_weights)
        return unit_vector(text[:QUERY_CHARACTERS])


def unit_vectors(texts: list[str], numbers: int = NUMBERS) -> Vectors:
    """A row for each text, of length 1, on the calling thread.

    The first ``numbers`` of a vector are one by themselves, for 64, 128 and 256: so the weights were trained.
    """
    import numpy as np

    vectors: Vectors = np.ascontiguousarray(_weights().embed(texts)[:, :numbers])
    # A text without a known token has no direction, and is near to nothing.
    lengths = np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), np.float32(1e-12))
    vectors /= lengths
    return vectors


def unit_vector(text: str, numbers: int = NUMBERS) -> Vectors:
    """The one row of `unit_vectors`, flat, for a third of the time."""
    import numpy as np

    weights = _weights()
    tokens = weights.tokenizer.encode(text, add_special_tokens=False).ids
    vector: Vectors = weights.embedding[tokens, :numbers].sum(axis=0)
    vector /= max(float(np.sqrt(vector @ vector)), 1e-12)
    return vector


def _weights() -> Any:
    # Without the lock each thread that comes before they are there would load 80 MB of its own.
    with _LOADING:
        return _loaded()


_LOADING = Lock()


@lru_cache(maxsize=1)
def _loaded() -> Any:
    import wordllama

    # The tokenizer is in the package too, but is looked for in a cache; this is where it is.
    package = Path(wordllama.__file__).parent
    return wordllama.WordLlama.load(cache_dir=package, disable_download=True)
