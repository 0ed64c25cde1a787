"""What the first turn with a playbook waits for is made once, however many come first."""

import asyncio
import time
from collections.abc import Mapping, Sequence

from agent.context import AgentContext, warm
from agent.playbook.default import default_playbook
from agent.playbook.schema import FieldValue, Playbook
from agent.responders.base import Message
from agent.state import Perception


async def test_those_who_come_at_once_wait_for_one() -> None:
    playbook = default_playbook().model_copy(deep=True)
    begun: list[str] = []

    def perceive(
        playbook: Playbook, messages: Sequence[Message], asked: Sequence[str], known: Mapping[str, FieldValue]
    ) -> tuple[Perception, dict[str, FieldValue]]:
        begun.append(messages[-1].content)
        time.sleep(0.05)  # on a thread, as the weights are loaded
        return Perception(intent="answer", objection=None, language="en"), {}

    context = AgentContext(playbook, perceive=perceive)
    await asyncio.gather(*(warm(context) for _ in range(4)))
    await warm(context)
    assert len(begun) == 1
