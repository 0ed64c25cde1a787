"""The thin client against a real HTTP server that misbehaves to order."""

from typing import Literal

import pytest
from pydantic import BaseModel

from core.errors import OutsideError, TerminalOutsideError, TransientOutsideError
from core.models.base import ChatModel
from core.models.openai_compatible import Timeouts
from tests.core.models.conftest import HELLO, KEY, OpenModel, said_by
from tests.standins.openai import OpenAIStandin
from tests.standins.openai_orders import Breakage, Fault


class Heard(BaseModel):
    intent: Literal["answer", "question"]
    revenue: float | None = None


async def test_streams_a_reply(standin: OpenAIStandin, open_model: OpenModel) -> None:
    standin.orders.replies.append("Grüezi – what brings you here? 🎉")
    async with open_model() as model:
        assert await said_by(model) == "Grüezi – what brings you here? 🎉"
    (call,) = standin.calls
    assert call.authorization == f"Bearer {KEY}"
    assert call.body == {"model": "standin", "messages": HELLO, "stream": True}


async def test_gives_tokens_that_come_together_as_one_piece(
    standin: OpenAIStandin, open_model: OpenModel
) -> None:
    standin.orders.tokens = 40
    async with open_model() as model:
        pieces = [piece async for piece in model.stream(HELLO)]
    assert len(pieces) < 5
    assert len("".join(pieces).split()) == 40


async def test_gives_each_token_when_it_comes(standin: OpenAIStandin, open_model: OpenModel) -> None:
    standin.orders.hold_after = 3
    async with open_model() as model:
        stream = model.stream(HELLO)
        early = ""
        while len(early.split()) < 3:
            early += await anext(stream)
        standin.release()
        assert len((early + "".join([piece async for piece in stream])).split()) == 8


async def test_reads_shreds_comments_and_crlf(standin: OpenAIStandin, open_model: OpenModel) -> None:
    standin.orders.split, standin.orders.comments, standin.orders.line_end = 3, True, b"\r\n"
    standin.orders.replies.append("日本語 – ça va? 🎉")
    async with open_model() as model:
        assert await said_by(model) == "日本語 – ça va? 🎉"


async def test_uses_a_connection_again(standin: OpenAIStandin, open_model: OpenModel) -> None:
    async with open_model() as model:
        for _ in range(5):
            await said_by(model)
            await model.structured(HELLO, Heard)
        assert len(standin.connections) == 1


async def test_a_reader_that_goes_away_closes_its_call(standin: OpenAIStandin, open_model: OpenModel) -> None:
    standin.orders.hold_after = 2
    async with open_model() as model:
        stream = model.stream(HELLO)
        await anext(stream)
        await stream.aclose()
        standin.release()
        assert await said_by(model)


@pytest.mark.parametrize("status", [408, 409, 429, 500, 503, 529])
async def test_tries_twice_more_on_a_transient_status(
    standin: OpenAIStandin, open_model: OpenModel, status: int
) -> None:
    standin.orders.faults.extend([Fault(status=status)] * 2)
    async with open_model() as model:
        assert await said_by(model)
    assert len(standin.calls) == 3


async def test_gives_up_after_two_retries(standin: OpenAIStandin, open_model: OpenModel) -> None:
    standin.orders.faults.extend([Fault(status=500)] * 9)
    async with open_model() as model:
        with pytest.raises(TransientOutsideError, match="answered 500"):
            await said_by(model)
        assert len(standin.calls) == 3
        with pytest.raises(TransientOutsideError, match="answered 500"):
            await model.structured(HELLO, Heard)
    assert len(standin.calls) == 6


@pytest.mark.parametrize(
    ("status", "code", "advice"),
    [
        (400, "context_length_exceeded", "context_length_exceeded"),
        (401, "invalid_api_key", "OPENAI_API_KEY"),
        (404, "model_not_found", "OPENAI_MODEL"),
        (429, "insufficient_quota", "insufficient_quota"),
        (301, None, "answered 301"),
    ],
)
async def test_does_not_repeat_what_cannot_succeed(
    standin: OpenAIStandin, open_model: OpenModel, status: int, code: str | None, advice: str
) -> None:
    standin.orders.faults.append(Fault(status=status, code=code, message=f"no good: {KEY} You sell."))
    async with open_model() as model:
        with pytest.raises(TerminalOutsideError, match=advice) as raised:
            await said_by(model)
    assert len(standin.calls) == 1
    assert KEY not in str(raised.value)
    assert "You sell" not in str(raised.value)
    assert raised.value.__cause__ is None


async def test_comes_back_when_it_was_asked_to(standin: OpenAIStandin, open_model: OpenModel) -> None:
    standin.orders.faults.append(Fault(status=429, retry_after="0.2"))
    async with open_model() as model:
        assert await said_by(model)
    first, second = standin.calls
    assert second.at - first.at >= 0.2


@pytest.mark.parametrize("retry_after", ["60", "Wed, 01 Jan 2200 00:00:00 GMT"])
async def test_does_not_wait_longer_than_a_lead_would(
    standin: OpenAIStandin, open_model: OpenModel, retry_after: str
) -> None:
    standin.orders.faults.append(Fault(status=429, retry_after=retry_after))
    async with open_model() as model:
        with pytest.raises(TransientOutsideError, match="answered 429"):
            await said_by(model)
    assert len(standin.calls) == 1


@pytest.mark.parametrize("breakage", ["cut", "error", "nonsense", "end"])
async def test_repeats_a_call_that_broke_before_its_first_piece(
    standin: OpenAIStandin, open_model: OpenModel, breakage: Breakage
) -> None:
    standin.orders.faults.append(Fault(breaks_after=0, breakage=breakage))
    async with open_model() as model:
        assert len((await said_by(model)).split()) == 8
    assert len(standin.calls) == 2


@pytest.mark.parametrize("breakage", ["cut", "error", "nonsense", "end"])
async def test_does_not_repeat_a_call_that_broke_later(
    standin: OpenAIStandin, open_model: OpenModel, breakage: Breakage
) -> None:
    standin.orders.faults.append(Fault(breaks_after=3, breakage=breakage))
    standin.orders.tpot_ms = 5
    pieces: list[str] = []

    async def collect(model: ChatModel) -> None:
        async for piece in model.stream(HELLO):
            pieces.append(piece)  # noqa: PERF401 - a comprehension would lose what came before the fault

    async with open_model() as model:
        with pytest.raises(TransientOutsideError):
            await collect(model)
    assert len("".join(pieces).split()) == 3
    assert len(standin.calls) == 1


async def test_waits_for_the_first_token_only_so_long(standin: OpenAIStandin, open_model: OpenModel) -> None:
    standin.orders.faults.append(Fault(hang=True))
    async with open_model(Timeouts(first_token_s=0.05)) as model:
        with pytest.raises(TransientOutsideError, match="too long"):
            await said_by(model)
        assert len(standin.calls) == 1
        assert await said_by(model)


async def test_a_keep_alive_is_no_token(standin: OpenAIStandin, open_model: OpenModel) -> None:
    standin.orders.faults.append(Fault(breaks_after=0, breakage="stall"))
    standin.orders.comments = True
    async with open_model(Timeouts(first_token_s=0.05)) as model:
        with pytest.raises(TransientOutsideError, match="too long"):
            await said_by(model)


async def test_waits_between_tokens_only_so_long(standin: OpenAIStandin, open_model: OpenModel) -> None:
    standin.orders.faults.append(Fault(breaks_after=3, breakage="stall"))
    async with open_model(Timeouts(between_tokens_s=0.05)) as model:
        with pytest.raises(TransientOutsideError, match="too long"):
            await said_by(model)
    assert len(standin.calls) == 1


async def test_a_reply_has_an_end(standin: OpenAIStandin, open_model: OpenModel) -> None:
    standin.orders.tokens, standin.orders.tpot_ms = 100_000, 1
    async with open_model(Timeouts(total_s=0.1)) as model:
        with pytest.raises(TransientOutsideError, match="too long"):
            await said_by(model)


async def test_nobody_there_is_transient(open_model: OpenModel, standin: OpenAIStandin) -> None:
    async with open_model(Timeouts(first_token_s=2)) as model:
        standin.close()
        with pytest.raises(TransientOutsideError, match=r"127\.0\.0\.1"):
            await said_by(model)


async def test_a_refusal_is_terminal(standin: OpenAIStandin, open_model: OpenModel) -> None:
    standin.orders.faults.extend([Fault(refusal=True)] * 2)
    async with open_model() as model:
        with pytest.raises(TerminalOutsideError, match="declined"):
            await said_by(model)
        with pytest.raises(TerminalOutsideError, match="declined"):
            await model.structured(HELLO, Heard)


async def test_learns_which_parameters_an_endpoint_does_not_know(
    standin: OpenAIStandin, open_model: OpenModel
) -> None:
    standin.orders.refuses = {"reasoning_effort", "max_completion_tokens"}
    async with open_model(reasoning_effort="none") as model:
        for _ in range(2):
            assert [piece async for piece in model.stream(HELLO, max_tokens=50)]
    asked = [set(call.body) - {"model", "messages", "stream"} for call in standin.calls]
    assert asked == [
        {"reasoning_effort", "max_completion_tokens"},
        {"reasoning_effort", "max_tokens"},
        {"max_tokens"},
        {"max_tokens"},
    ]


async def test_reads_into_a_schema(standin: OpenAIStandin, open_model: OpenModel) -> None:
    standin.orders.answers.append({"intent": "question", "revenue": 12.5})
    async with open_model() as model:
        assert await model.structured(HELLO, Heard) == Heard(intent="question", revenue=12.5)
    (call,) = standin.calls
    assert call.body["response_format"]["json_schema"]["strict"] is True


@pytest.mark.parametrize(("refuses", "calls"), [({"json_schema"}, 2), ({"json_schema", "json_object"}, 3)])
async def test_asks_in_words_where_schemas_are_not_taken(
    standin: OpenAIStandin, open_model: OpenModel, refuses: set[str], calls: int
) -> None:
    standin.orders.refuses = refuses
    standin.orders.answers.extend([{"intent": "answer"}, {"intent": "question"}])
    async with open_model() as model:
        assert (await model.structured(HELLO, Heard)).intent == "answer"
        assert len(standin.calls) == calls
        assert (await model.structured(HELLO, Heard)).intent == "question"
    assert len(standin.calls) == calls + 1
    assert '"enum":["answer","question"]' in standin.calls[-1].messages[0]["content"]


async def test_a_request_that_no_form_saves_fails_with_its_first_refusal(
    standin: OpenAIStandin, open_model: OpenModel
) -> None:
    standin.orders.faults.extend([Fault(status=400, code=code) for code in ("first", "second", "third")])
    async with open_model() as model:
        with pytest.raises(TerminalOutsideError, match="first"):
            await model.structured(HELLO, Heard)
        assert await model.structured(HELLO, Heard)
    assert standin.calls[-1].body["response_format"]["type"] == "json_schema"


@pytest.mark.parametrize(
    "content", ["", "I would rather not.", '{"intent": "sing"}', '{"intent": "answer"', "[]"]
)
async def test_garbage_is_terminal_and_stays_unquoted(
    standin: OpenAIStandin, open_model: OpenModel, content: str
) -> None:
    standin.orders.faults.append(Fault(content=content))
    async with open_model() as model:
        with pytest.raises(TerminalOutsideError, match="is not a Heard") as raised:
            await model.structured(HELLO, Heard)
    assert "sing" not in str(raised.value)
    assert len(standin.calls) == 1


@pytest.mark.parametrize(
    "content",
    ['```json\n{"intent": "answer"}\n```', '<think>{"a": 1}?</think>\n{"intent": "answer"} There you are.'],
)
async def test_finds_the_object_in_talk(standin: OpenAIStandin, open_model: OpenModel, content: str) -> None:
    standin.orders.faults.append(Fault(content=content))
    async with open_model() as model:
        assert (await model.structured(HELLO, Heard)).intent == "answer"


async def test_structured_calls_have_an_end(standin: OpenAIStandin, open_model: OpenModel) -> None:
    standin.orders.faults.append(Fault(hang=True))
    async with open_model(Timeouts(total_s=0.05)) as model:
        with pytest.raises(OutsideError, match="too long"):
            await model.structured(HELLO, Heard)
