"""The playbook that an organization begins with."""

from functools import cache
from pathlib import Path

from agent.playbook.schema import Playbook


@cache
def default_playbook() -> Playbook:
    """A business coach for coaches: complete enough to sell with, and an example of every field."""
    return Playbook.model_validate_json(Path(__file__).with_name("default.json").read_bytes())
