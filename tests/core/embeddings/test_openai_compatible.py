"""Embeddings over the network, against a stand-in that speaks OpenAI's HTTP."""

from collections.abc import AsyncIterator
from typing import Any

import numpy as np
import pytest
from pydantic import SecretStr

from core.embeddings.choice import Embedders, open_embedders
from core.errors import TerminalOutsideError, TransientOutsideError
from core.settings import Settings
from tests.standins.openai import OpenAIStandin, openai_standin
from tests.standins.openai_orders import Fault

KEY = "sk-a-key-that-nobody-may-see"


def settings(**chosen: Any) -> Settings:
    nothing = {"openai_api_key": None, "openai_base_url": "https://api.openai.com/v1"}
    return Settings(_env_file=None, **{**nothing, **chosen})


@pytest.fixture
async def standin() -> AsyncIterator[OpenAIStandin]:
    async with openai_standin() as standin:
        yield standin


@pytest.fixture
async def embedders(standin: OpenAIStandin, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Embedders]:
    monkeypatch.setattr("core.models.retries.FIRST_PAUSE_S", 0.001)
    async with open_embedders(
        settings(openai_base_url=standin.base_url, openai_api_key=SecretStr(KEY))
    ) as embedders:
        yield embedders


async def test_a_row_for_each_text_in_order(embedders: Embedders, standin: OpenAIStandin) -> None:
    vectors = await embedders.current.embed(["a price", "", "a course"])
    assert vectors.shape == (3, 1536)
    assert np.allclose(await embedders.current.embed_query("a course"), vectors[2])
    first = standin.calls[0]
    assert (first.model, first.authorization) == ("text-embedding-3-small", f"Bearer {KEY}")


async def test_tries_again_when_told_to_wait(embedders: Embedders, standin: OpenAIStandin) -> None:
    standin.orders.faults.extend([Fault(status=429, retry_after="0"), Fault(status=503)])
    assert (await embedders.current.embed(["a price"])).shape == (1, 1536)
    assert len(standin.calls) == 3


async def test_gives_up_after_three_tries(embedders: Embedders, standin: OpenAIStandin) -> None:
    standin.orders.faults.extend([Fault(status=503)] * 5)
    with pytest.raises(TransientOutsideError):
        await embedders.current.embed(["a price"])
    assert len(standin.calls) == 3


async def test_a_wrong_key_is_not_tried_again(embedders: Embedders, standin: OpenAIStandin) -> None:
    standin.orders.api_key = "another"
    with pytest.raises(TerminalOutsideError) as failure:
        await embedders.current.embed(["a price"])
    assert "OPENAI_API_KEY" in failure.value.message
    assert KEY not in str(failure.value)
    assert len(standin.calls) == 1


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"{}",
        b'{"data": []}',
        b'{"data": [{"index": 0, "embedding": "!!"}]}',
        b'{"data": [{"index": 0, "embedding": [null]}]}',
        b'{"data": [{"index": 0, "embedding": [1]}, {"index": 1, "embedding": [1]}]}',
        b'{"data": [{"index": 0, "embedding": 1}]}',
    ],
)
def test_an_answer_of_another_shape_is_refused(answer: bytes) -> None:
    from core.embeddings.openai_compatible import _vectors

    with pytest.raises(TerminalOutsideError):
        _vectors(answer, 1)


async def test_older_models_can_still_be_asked(embedders: Embedders, standin: OpenAIStandin) -> None:
    older = embedders.named("text-embedding-ada-002")
    assert older is not None
    await older.embed_query("a price")
    assert standin.calls[0].model == "text-embedding-ada-002"
    local = embedders.named("wordllama-l2-256")
    assert local is not None
    assert (await local.embed_query("a price")).shape == (256,)


@pytest.mark.parametrize(
    ("chosen", "name"),
    [
        ({}, "wordllama-l2-256"),
        ({"openai_api_key": SecretStr("")}, "wordllama-l2-256"),
        ({"openai_embedding_model": "text-embedding-3-large"}, "wordllama-l2-256"),
        ({"openai_api_key": SecretStr(KEY)}, "text-embedding-3-small"),
        ({"openai_api_key": SecretStr(KEY), "openai_embedding_model": ""}, "wordllama-l2-256"),
        ({"openai_base_url": "http://ollama:11434/v1"}, "wordllama-l2-256"),
        ({"openai_base_url": "http://ollama:11434/v1", "openai_embedding_model": "nomic"}, "nomic"),
    ],
)
async def test_what_the_settings_choose(chosen: dict[str, Any], name: str) -> None:
    async with open_embedders(settings(**chosen)) as embedders:
        assert embedders.current.name == name
        assert embedders.named("an-older-model") is None or name != "wordllama-l2-256"
