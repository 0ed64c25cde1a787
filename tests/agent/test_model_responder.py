"""A real client against a stand-in endpoint: what the model is sent, and what becomes of its faults."""

from collections.abc import AsyncIterator

import pytest

from agent.playbook.default import default_playbook
from agent.prompting import CANARY
from agent.responders.base import Brief, Message, Reading
from agent.responders.fallback import FallbackResponder
from agent.responders.model import OPENS_THE_CHAT, ModelResponder
from agent.state import Perception
from core.errors import OutsideError, TerminalOutsideError
from core.models.endpoint import Endpoint
from core.models.openai_compatible import OpenAICompatibleModel, Timeouts
from tests.agent.speakers import Speaker
from tests.standins.openai import OpenAIStandin, openai_standin
from tests.standins.openai_orders import Fault

PLAYBOOK = default_playbook()
QUICK = Timeouts(first_token_s=2, between_tokens_s=0.2, total_s=3)
BRIEF = Brief(
    agent="qualifier_agent",
    playbook=PLAYBOOK,
    messages=[
        Message("ai", PLAYBOOK.opening),
        Message("human", "Fitness."),
        Message("human", "About 5k."),
    ],
    stage="qualification",
    perception=Perception(intent="answer", objection=None, language="en"),
    next_question=PLAYBOOK.questions[3],
)


@pytest.fixture
async def standin() -> AsyncIterator[OpenAIStandin]:
    async with openai_standin() as model:
        yield model


@pytest.fixture
async def responder(standin: OpenAIStandin) -> AsyncIterator[ModelResponder]:
    async with Endpoint(standin.base_url, None) as endpoint:
        chat, reader = (OpenAICompatibleModel(endpoint, n, timeouts=QUICK) for n in ("writer", "reader"))
        yield ModelResponder(chat, reader)


async def said_by(responder: ModelResponder | FallbackResponder) -> str:
    return "".join([piece async for piece in responder.stream(BRIEF)])


async def test_it_says_what_the_model_says(standin: OpenAIStandin, responder: ModelResponder) -> None:
    standin.orders.replies.append("Nice. How do you get clients?")
    assert await said_by(responder) == "Nice. How do you get clients?"
    [call] = standin.calls
    assert call.model == "writer"
    system, *conversation = call.body["messages"]
    assert system["role"] == "system"
    assert CANARY in system["content"]
    assert conversation == [
        OPENS_THE_CHAT,
        {"role": "assistant", "content": PLAYBOOK.opening},
        {"role": "user", "content": "<lead>\nFitness.\n</lead>\n<lead>\nAbout 5k.\n</lead>"},
    ]


async def test_it_reads_with_the_smaller_model(standin: OpenAIStandin, responder: ModelResponder) -> None:
    answer = {
        "intent": "answer",
        "fields": [{"field": "monthly_revenue", "value": 5000}],
        "objection": None,
        "objection_settled": False,
        "chosen_offer": None,
        "language": "en",
    }
    standin.orders.answers.append(answer)
    assert await responder.read(BRIEF) == Reading.model_validate(answer)
    [call] = standin.calls
    assert (call.model, call.kind) == ("reader", "structured")
    assert "monthly_revenue" in call.body["messages"][0]["content"]


@pytest.mark.parametrize("garbage", ["I would rather not.", '{"intent": "dance"}', "{", ""])
async def test_garbage_for_a_reading_is_an_error_of_its_own(
    standin: OpenAIStandin, responder: ModelResponder, garbage: str
) -> None:
    standin.orders.faults.extend([Fault(on="structured", content=garbage)] * 3)
    with pytest.raises(TerminalOutsideError):
        await responder.read(BRIEF)


@pytest.mark.parametrize(
    "fault",
    [Fault(status=401), Fault(status=500), Fault(status=429, retry_after="60"), Fault(refusal=True)],
    ids=["key", "server", "limit", "refusal"],
)
async def test_the_scripted_agent_answers_instead(
    standin: OpenAIStandin, responder: ModelResponder, fault: Fault
) -> None:
    standin.orders.faults.extend([fault] * 3)
    both = FallbackResponder(responder, Speaker(["The scripted words."], name="scripted"))
    assert await said_by(both) == "The scripted words."
    assert both.degraded
    assert isinstance(both.fault, OutsideError)
    assert both.name == "scripted"


async def test_a_reply_that_breaks_off_is_ended_cleanly(
    standin: OpenAIStandin, responder: ModelResponder
) -> None:
    standin.orders.replies.append("Well, the program takes about eight")
    standin.orders.faults.append(Fault(breaks_after=4, breakage="cut"))
    both = FallbackResponder(responder, Speaker(["never said"]))
    said = await said_by(both)
    assert said.startswith("Well, the")
    assert said.endswith(f"Sorry, my connection dropped for a moment there. {PLAYBOOK.questions[3].question}")
    assert both.degraded
    assert both.name == "writer"


async def test_who_failed_is_not_asked_to_read() -> None:
    broken = Speaker([TerminalOutsideError("no")], TerminalOutsideError("no"))
    both = FallbackResponder(broken, Speaker(["Hello."], Reading(intent="question")))
    assert [piece async for piece in both.stream(BRIEF)] == ["Hello."]
    assert (await both.read(BRIEF)).intent == "question"
    assert broken.order == []


async def test_silence_is_a_failure_too() -> None:
    both = FallbackResponder(Speaker(["", "  "]), Speaker(["Hello."]))
    assert "".join([piece async for piece in both.stream(BRIEF)]).strip() == "Hello."
    assert both.degraded


async def test_who_stops_listening_closes_the_model() -> None:
    speaker = Speaker(["one ", "two ", "three"])
    stream = FallbackResponder(speaker, speaker).stream(BRIEF)
    assert await anext(stream) == "one "
    await stream.aclose()
    assert speaker.closed
