"""The embedded model, as it is."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from core.embeddings import local
from core.embeddings.local import LocalEmbedder

TEXTS = ["What does the coaching program cost?", "The price of the programme", "Rain in the mountains"]


async def test_similar_texts_are_near() -> None:
    price, programme, rain = await LocalEmbedder().embed(TEXTS)
    assert price @ programme > price @ rain + 0.2


async def test_a_query_is_embedded_like_a_text() -> None:
    embedder = LocalEmbedder()
    [expected] = await embedder.embed(TEXTS[:1])
    assert np.allclose(await embedder.embed_query(TEXTS[0]), expected)


async def test_vectors_have_unit_length() -> None:
    vectors = await LocalEmbedder().embed(TEXTS)
    assert vectors.shape == (3, 256)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1)


@pytest.mark.parametrize("text", ["", " ", "\x00", "😀" * 5000])
async def test_odd_texts_have_finite_vectors(text: str) -> None:
    vector = await LocalEmbedder().embed_query(text)
    assert np.isfinite(vector).all()


def test_threads_that_come_at_once_load_the_weights_once() -> None:
    local._loaded.cache_clear()
    with ThreadPoolExecutor(4) as threads:
        vectors = list(threads.map(local.unit_vector, ["the same words"] * 4))
    assert local._loaded.cache_info().misses == 1
    assert all((vector == vectors[0]).all() for vector in vectors)
