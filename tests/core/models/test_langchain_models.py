"""LangChain's models behind our interface, with a real provider package on the stand-in."""

from typing import Literal

import pytest
from pydantic import BaseModel

from core.errors import TerminalOutsideError, TransientOutsideError
from core.models.langchain_models import LangChainModel, langchain_model
from core.models.openai_compatible import Timeouts
from tests.core.models.conftest import HELLO, KEY, said_by
from tests.standins.openai import OpenAIStandin
from tests.standins.openai_orders import Fault


class Heard(BaseModel):
    intent: Literal["answer", "question"]


def model_on(standin: OpenAIStandin, timeouts: Timeouts | None = None) -> LangChainModel:
    return langchain_model(
        "openai:standin", timeouts=timeouts, base_url=standin.base_url, api_key=KEY, max_retries=0
    )


async def test_streams_a_reply(standin: OpenAIStandin) -> None:
    standin.orders.replies.append("Grüezi – what brings you here?")
    model = model_on(standin)
    assert model.name == "standin"
    assert await said_by(model) == "Grüezi – what brings you here?"
    assert standin.calls[-1].messages == HELLO


async def test_limits_the_length(standin: OpenAIStandin) -> None:
    assert [piece async for piece in model_on(standin).stream(HELLO, max_tokens=50)]
    assert 50 in standin.calls[-1].body.values()


async def test_reads_into_a_schema(standin: OpenAIStandin) -> None:
    standin.orders.answers.append({"intent": "question"})
    assert await model_on(standin).structured(HELLO, Heard) == Heard(intent="question")


@pytest.mark.parametrize(
    ("fault", "failure"),
    [
        (Fault(status=500), TransientOutsideError),
        (Fault(status=429), TransientOutsideError),
        (Fault(breaks_after=0), TransientOutsideError),
        (Fault(content=""), TransientOutsideError),
        (Fault(status=401, message=f"wrong: {KEY}"), TerminalOutsideError),
    ],
)
async def test_says_whether_another_try_may_help(
    standin: OpenAIStandin, fault: Fault, failure: type[Exception]
) -> None:
    standin.orders.faults.append(fault)
    with pytest.raises(failure) as raised:
        await said_by(model_on(standin))
    assert KEY not in str(raised.value)


async def test_waits_for_the_first_token_only_so_long(standin: OpenAIStandin) -> None:
    standin.orders.faults.append(Fault(hang=True))
    with pytest.raises(TransientOutsideError):
        await said_by(model_on(standin, Timeouts(first_token_s=0.05)))


async def test_garbage_is_terminal(standin: OpenAIStandin) -> None:
    standin.orders.faults.append(Fault(content='{"intent": "sing"}'))
    with pytest.raises(TerminalOutsideError):
        await model_on(standin).structured(HELLO, Heard)


@pytest.mark.parametrize(
    ("name", "words"), [("anthropic:x", "langchain-anthropic"), ("nobody:x", "cannot be used")]
)
def test_a_provider_that_is_not_there_says_so(name: str, words: str) -> None:
    with pytest.raises(TerminalOutsideError, match=words):
        langchain_model(name)
