"""One run's working memory: what its nodes hand on, and no checkpoint ever sees."""

import asyncio
from dataclasses import dataclass, field
from typing import Annotated

from langgraph.channels import UntrackedValue
from langgraph.runtime import Runtime

from agent.context import AgentContext, Findings, default_context
from agent.responders.base import Brief, Reading
from agent.responders.fallback import FallbackResponder
from agent.state import ConversationState, Stage


@dataclass(frozen=True, slots=True)
class Turn:
    """What was made of the newest message before anybody speaks."""

    brief: Brief
    """The part of a brief that is the same for whoever speaks."""
    base: Stage
    """Where the conversation stands, an objection aside."""
    findings: Findings
    responder: FallbackResponder
    first_token: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the lead sees the first of the reply: nothing else is asked of a model before."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """What was said, and by which brief."""

    brief: Brief
    text: str
    violation: str | None
    """What the guard stopped the model for."""


@dataclass(frozen=True, slots=True)
class Understood:
    """The reading of the newest message, or why there is none."""

    reading: Reading | None
    error: str | None = None


class TurnState(ConversationState, total=False):
    """The state as the nodes see it during one run."""

    turn: Annotated[Turn, UntrackedValue]


def surroundings(runtime: Runtime[AgentContext]) -> AgentContext:
    """The run's context, or the default one."""
    return runtime.context or default_context()
