"""The reading of a lead's message that needs no model."""

from agent.perception.listening import perceive

__all__ = ["perceive"]
