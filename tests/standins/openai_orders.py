"""What the stand-in model is told to do, and what it remembers of its calls."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal["stream", "structured", "whole", "embeddings"]
Breakage = Literal["cut", "stall", "error", "nonsense", "end"]
Messages = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong with one call. Without any field set, nothing does."""

    on: Kind | None = None
    """The kind of call it waits for; None takes the next one."""
    status: int | None = None
    """Answer with this status and an error object."""
    code: str | None = None
    message: str = "The stand-in was ordered to fail."
    retry_after: str | None = None
    hang: bool = False
    """Never answer."""
    breaks_after: int | None = None
    """Stream this many tokens, and then…"""
    breakage: Breakage = "cut"
    """… cut the connection, fall silent, report an error, send no JSON, or end without a ``[DONE]``."""
    refusal: bool = False
    """Decline, in the form that the API has for it."""
    content: str | None = None
    """Say this, whatever was asked for: prose in a structured call, for one."""


@dataclass(slots=True)
class Orders:
    """Set at any time; what is queued is used once, in order."""

    ttft_ms: float = 0
    """Before the first token, and before anything else is answered."""
    tpot_ms: float = 0
    """Before each further token of a stream."""
    tokens: int = 40
    """Length of a reply that nobody scripted."""
    replies: deque[str] = field(default_factory=deque)
    """Texts of the next streamed (or plain whole) calls."""
    answers: deque[dict[str, Any]] = field(default_factory=deque)
    """Objects of the next structured calls."""
    writes: Callable[[Messages], str] | None = None
    """Makes a reply out of the call's messages when no reply is queued."""
    faults: deque[Fault] = field(default_factory=deque)
    obeys: bool = False
    """Do whatever the lead's last message demands."""
    refuses: set[str] = field(default_factory=set)
    """Parameters, and types of ``response_format``, that are answered with 400."""
    api_key: str | None = None
    """The only key that is taken; None takes any."""
    hold_after: int | None = None
    """Stop each stream after this many tokens until `OpenAIStandin.release` is called."""
    line_end: bytes = b"\n"
    comments: bool = False
    """Send a keep-alive comment before each event."""
    split: int | None = None
    """Bytes per write: events and characters arrive in shreds."""

    def next_fault(self, kind: Kind) -> Fault | None:
        """The first queued fault that is meant for such a call; it is used up."""
        for fault in self.faults:
            if fault.on in (None, kind):
                self.faults.remove(fault)
                return fault
        return None


@dataclass(slots=True)
class Call:
    """One call. Times are seconds of the machine's monotonic clock."""

    kind: Kind
    model: str
    at: float
    first: float | None = None
    """When the first token, or the whole answer, went out."""
    ended: float | None = None
    body: dict[str, Any] = field(default_factory=dict)
    authorization: str | None = None

    @property
    def messages(self) -> Messages:
        """What the model was told."""
        messages: Messages = self.body.get("messages", [])
        return messages
