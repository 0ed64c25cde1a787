"""What a well-behaved model would say with the default playbook: none of it may be cut."""

from pathlib import Path

import pytest

from agent.guard.stream import StreamGuard
from agent.playbook.default import default_playbook
from agent.playbook.schema import FieldValue
from agent.prompting import CANARY, instructions

REPLIES = Path(__file__).with_name("replies.txt").read_text(encoding="utf-8").splitlines()
KNOWN: dict[str, FieldValue] = {"monthly_revenue": 5000.0, "weekly_hours": 5.0, "client_source": "referrals"}


@pytest.mark.parametrize("line", REPLIES)
def test_it_reaches_the_lead(line: str) -> None:
    guard = StreamGuard(
        default_playbook(),
        allowed_links=("https://pay.example.com/c/option2",),
        canary=CANARY,
        prompt=instructions("closer_agent"),
        known_values=KNOWN,
        language="en",
    )
    text = line.replace("\\n", "\n")
    assert "".join(map(guard.feed, text)) + guard.finish() == text
