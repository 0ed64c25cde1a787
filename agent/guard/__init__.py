"""What stands between a model's words and the lead."""

from agent.guard.policy import policy_for
from agent.guard.stream import StreamGuard, Violation

__all__ = ["StreamGuard", "Violation", "policy_for"]
