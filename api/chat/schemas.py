"""What a lead sends, and what comes back."""

import re
import unicodedata
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, Field

from agent.state import Stage
from api.schemas import Body, Timestamp

MESSAGE_LIMIT = 4000
GUEST = "guest"

_HANDLE = re.compile(r"^[a-z0-9._]{1,30}$")


def plain_handle(handle: str) -> str:
    """``@FitCoach_Mike`` and ``fitcoach_mike`` are one; a name becomes its plain letters."""
    folded = unicodedata.normalize("NFKD", handle.strip().removeprefix("@")).casefold()
    letters = "".join(c for c in folded if not unicodedata.combining(c))
    found = re.sub(r"\s+", "_", letters.strip())
    if not _HANDLE.match(found):
        raise ValueError("use 1 to 30 letters, digits, dots or underscores")
    return found


def plain_code(code: str) -> str:
    """Campaign codes are read without regard to case; one that cannot exist stays as it is, unfound."""
    return code.strip().upper()[:64]


def readable(message: str) -> str:
    """A message that a person can have written: text, tabs and line breaks."""
    text = message.replace("\r\n", "\n").replace("\r", "\n").strip()
    if not text:
        raise ValueError("write something")
    if len(text) > MESSAGE_LIMIT:
        raise ValueError(f"at most {MESSAGE_LIMIT:,} characters")
    if any(unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\t" for c in text):
        raise ValueError("control characters are not text")
    return text


Handle = Annotated[str, Field(max_length=100), AfterValidator(plain_handle)]
CampaignCode = Annotated[str, Field(min_length=1, max_length=64), AfterValidator(plain_code)]
MessageText = Annotated[str, Field(examples=["Yes, I'm a fitness coach"]), AfterValidator(readable)]
MessageId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
ThreadId = Annotated[str, Field(max_length=64)]


class ChatRequest(Body):
    """One message of a lead."""

    campaign_code: CampaignCode = Field(examples=["ABC123"])
    instagram_handle: Handle = Field(default=GUEST, examples=["@fitcoach_mike"])
    message: MessageText
    message_id: MessageId | None = None
    """The client's own id: the same one again is the same message."""
    thread_id: ThreadId | None = None
    lead_token: str | None = Field(default=None, max_length=2000)


class ChatAnswer(BaseModel):
    """The whole reply."""

    thread_id: str
    message: str
    current_stage: Stage
    metadata: dict[str, Any]
    lead_token: str | None = None
    """For clients without cookies: continues this conversation."""


class HistoryMessage(BaseModel):
    """One line of the conversation, as its lead sees it."""

    role: str
    content: str
    timestamp: Timestamp
    message_id: str | None = None
    checkout: dict[str, Any] | None = None
    """The button that came with it, as in the stream's ``checkout`` event."""
    sources: list[dict[str, Any]] = Field(default_factory=list)
    """What it was answered from, as in the stream's ``sources`` event."""


class RunningTurn(BaseModel):
    """A reply that is on its way."""

    last_event_id: str
    """Where to begin reading its stream."""


class History(BaseModel):
    """A lead's own conversation."""

    thread_id: str
    instagram_handle: str
    current_stage: Stage
    messages: list[HistoryMessage]
    running: RunningTurn | None
