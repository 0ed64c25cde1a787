"""What a run is given from outside. Everything has a default: the graph also runs with none of it."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from threading import Lock
from typing import Any, Protocol, get_args
from weakref import WeakValueDictionary

from pydantic_core import core_schema

from agent.playbook.default import default_playbook
from agent.playbook.schema import FieldValue, Playbook
from agent.responders.base import Brief, Message, Passage, Responder
from agent.state import AgentName, Perception
from core.models.choice import names_a_model
from core.settings import get_settings


@dataclass(frozen=True, slots=True)
class Findings:
    """What the owner's documents say to a message."""

    passages: Sequence[Passage] = ()
    decision: Mapping[str, Any] = field(default_factory=dict)
    """Why these or none: plain data for the turn's metadata."""


class Violation(Protocol):
    """What a reply was stopped for."""

    @property
    def kind(self) -> str:
        """Such as ``price`` or ``leak``."""


class Guard(Protocol):
    """Stands between a model's words and the lead, for one reply."""

    @property
    def tripped(self) -> Violation | None:
        """Once set, nothing more of the model's text is used."""

    def feed(self, piece: str) -> str:
        """What may be sent now; empty while something is held back to be checked."""

    def finish(self) -> str:
        """The rest."""


Perceive = Callable[
    [Playbook, Sequence[Message], Sequence[str], Mapping[str, FieldValue]],
    tuple[Perception, dict[str, FieldValue]],
]
"""Playbook, messages, fields asked for and fields known, to what is understood and the facts found."""
GuardFactory = Callable[[Brief], Guard]
Checkout = Callable[[str], Awaitable[str | None]]
"""An offer's id, to the link that sells it; None when it cannot be paid for online."""
Knowledge = Callable[[str, str, Perception], Awaitable[Findings]]
"""The lead's words, the question before them and what was understood, to what the documents say."""

Tell = Callable[[dict[str, Any]], None]
"""Takes an event: ``{"type": "token", "content": str}``, and in the end one ``{"type": "settled", ...}``."""


async def no_checkout(offer_id: str) -> str | None:
    """No offer can be paid for online."""
    return None


async def no_knowledge(words: str, before: str, perception: Perception) -> Findings:
    """There are no documents."""
    return Findings()


def local_perception() -> Perceive:
    """The classifier that runs in this process."""
    from agent.perception import perceive

    return perceive


def scripted_responder() -> Responder:
    """The agent that needs no model."""
    from agent.responders.scripted import ScriptedResponder

    return ScriptedResponder()


def default_responder() -> Responder:
    """A model where the settings name one, else the scripted agent."""
    from agent.responders.on_demand import OnDemandResponder

    settings = get_settings()
    return OnDemandResponder(settings) if names_a_model(settings) else scripted_responder()


def stream_guard(brief: Brief) -> Guard:
    """The guard that holds a reply to its brief."""
    from agent.guard.stream import StreamGuard
    from agent.prompting import CANARY, instructions

    links = (*brief.playbook.links, brief.checkout_url) if brief.checkout_url else brief.playbook.links
    return StreamGuard(
        brief.playbook,
        allowed_links=links,
        canary=CANARY,
        prompt=instructions(brief.agent),
        known_values=brief.fields,
        language=brief.perception["language"],
    )


@dataclass(frozen=True, slots=True)
class AgentContext:
    """One run's surroundings, LangGraph's ``context_schema``.

    ``checkout`` and ``knowledge`` may raise `core.errors.LimitlessError`: the reply then does without.
    """

    playbook: Playbook = field(default_factory=default_playbook)
    responder: Responder = field(default_factory=default_responder)
    fallback: Responder = field(default_factory=scripted_responder)
    """Who answers when ``responder`` fails."""
    perceive: Perceive = field(default_factory=local_perception)
    guard: GuardFactory = stream_guard
    checkout: Checkout = no_checkout
    knowledge: Knowledge = no_knowledge
    tell: Tell | None = None
    """Takes the run's events as they come; None hands them to LangGraph's stream, at ten times the cost."""
    reading_timeout_s: float = 10
    """How long the reading of a message may take, from the first token on."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: object, handler: object) -> core_schema.CoreSchema:
        """For LangGraph Studio, which asks for a JSON schema: nothing of this can be typed into a form."""
        return core_schema.typed_dict_schema({})


@cache
def default_context() -> AgentContext:
    """What a run gets that was given nothing."""
    return AgentContext()


async def warm(context: AgentContext) -> None:
    """Have ready what the first turn with this playbook would otherwise hold everybody up for.

    That is up to half a second, for weights, phrasings and templates; later calls return at once. Worth
    calling when a process starts.
    """
    playbook = context.playbook
    if _warm.get(id(playbook)) is not playbook:
        await asyncio.to_thread(_load_once, context)


_warm: WeakValueDictionary[int, Playbook] = WeakValueDictionary()
_LOADING = Lock()


def _load_once(context: AgentContext) -> None:
    """For the first of all that come at once; the others wait for it."""
    playbook = context.playbook
    with _LOADING:
        if _warm.get(id(playbook)) is not playbook:
            _load(context)
            _warm[id(playbook)] = playbook


def _load(context: AgentContext) -> None:
    from agent.prompting import system_prompt

    nobody = Message("human", "Hello")
    perception, _ = context.perceive(context.playbook, [nobody], [], {})
    for agent in get_args(AgentName):
        brief = Brief(agent, context.playbook, [nobody], "qualification", perception)
        context.guard(brief)
        system_prompt(brief)
