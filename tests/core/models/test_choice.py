"""Which models the settings choose."""

from typing import Any

import pytest
from pydantic import SecretStr

from core.models.choice import names_a_model, open_chat_models
from core.models.langchain_models import LangChainModel
from core.models.openai_compatible import OpenAICompatibleModel
from core.settings import Settings
from tests.core.models.conftest import KEY, said_by
from tests.standins.openai import OpenAIStandin


def settings(**chosen: Any) -> Settings:
    nothing = {"openai_api_key": None, "chat_model": None, "openai_base_url": "https://api.openai.com/v1"}
    return Settings(_env_file=None, **{**nothing, **chosen})


@pytest.mark.parametrize("key", [None, SecretStr("")])
async def test_nothing_set_is_no_model(key: SecretStr | None) -> None:
    chosen = settings(openai_api_key=key)
    assert not names_a_model(chosen)
    async with open_chat_models(chosen) as models:
        assert models is None


async def test_a_key_is_enough() -> None:
    async with open_chat_models(settings(openai_api_key=SecretStr(KEY), openai_model="big")) as models:
        assert models is not None
        assert isinstance(models.reply, OpenAICompatibleModel)
        assert (models.reply.name, models.reader.name) == ("big", "big")


async def test_an_endpoint_of_ones_own_needs_no_key(standin: OpenAIStandin) -> None:
    chosen = settings(openai_base_url=standin.base_url, openai_model="big", openai_reader_model="small")
    async with open_chat_models(chosen) as models:
        assert models is not None
        assert await said_by(models.reply)
        assert await said_by(models.reader)
    assert [(call.model, call.authorization) for call in standin.calls] == [("big", None), ("small", None)]


async def test_another_provider_goes_through_langchain(standin: OpenAIStandin) -> None:
    chosen = settings(
        chat_model="openai:other", openai_base_url=standin.base_url, openai_api_key=SecretStr(KEY)
    )
    async with open_chat_models(chosen) as models:
        assert models is not None
        assert isinstance(models.reply, LangChainModel)
        assert await said_by(models.reply)
    assert standin.calls[-1].model == "other"
    assert standin.calls[-1].authorization == f"Bearer {KEY}"
