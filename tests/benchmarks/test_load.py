"""The load client against the model on loopback."""

import pytest

from benchmarks import load
from benchmarks.targets import Conversation, Limitless, Model, said
from tests.standins.openai import openai_standin
from tests.standins.openai_orders import Fault


async def test_times_turns_of_several_conversations() -> None:
    async with openai_standin() as standin:
        target = Model("model", int(standin.base_url.split(":")[2].split("/")[0]))
        turns, elapsed = await load.run(target, 3, turns_each=4)
        assert len(standin.calls) == len(turns) == 12
    assert all(turn.started <= turn.first <= turn.ended for turn in turns)
    assert elapsed >= max(turn.ended for turn in turns) - min(turn.started for turn in turns)


@pytest.mark.parametrize("fault", [Fault(status=500), Fault(breaks_after=3, breakage="end")])
async def test_an_unfinished_stream_is_no_turn(fault: Fault) -> None:
    async with openai_standin() as standin:
        standin.orders.faults.append(fault)
        target = Model("model", int(standin.base_url.split(":")[2].split("/")[0]))
        with pytest.raises(RuntimeError, match="model answered"):
            await load.run(target, 1, turns_each=1)


def test_a_conversation_goes_on_with_the_session_it_was_given() -> None:
    target, conversation = Limitless("ours", 1), Conversation()
    assert b"x-lead-token" not in target.request(conversation)
    target.follow(conversation, {b"x-lead-token": b"abc"})
    assert b"\r\nx-lead-token: abc\r\n" in target.request(conversation)


def test_reads_the_reply_out_of_a_stream() -> None:
    body = (
        b'id: 1-1-3\nevent: message\ndata: {"type":"token","content":"Hi "}\n\n'
        b'event: state\ndata: {"type":"state","content":"no"}\n\n'
        b'event: message\ndata: {"type":"token","content":"there"}\n\n'
        b'event: done\ndata: {"type":"complete"}\n\n'
    )
    assert said(body) == "Hi there"
