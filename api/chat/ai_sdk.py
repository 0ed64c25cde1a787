"""The conversation in the words of the Vercel AI SDK: its UI message stream, version 1.

https://ai-sdk.dev/docs/ai-sdk-ui/stream-protocol
"""

from collections.abc import AsyncIterator
from typing import Any, Literal

import orjson
import structlog
from pydantic import BaseModel, ConfigDict, Field

from api.chat.schemas import GUEST, CampaignCode, ChatRequest, Handle, MessageId, readable
from api.chat.streams import Event
from core.errors import InvalidInput, LimitlessError

HEADERS = {"x-vercel-ai-ui-message-stream": "v1"}
DONE = b"data: [DONE]\n\n"
_TEXT = "text-1"
_ENDS = ("done", "error", "reset")
_INTERRUPTED = "The connection to the agent was interrupted; reconnect to read the reply."

log = structlog.get_logger()


class UIPart(BaseModel):
    """A part of a message; only text is read."""

    model_config = ConfigDict(extra="ignore")
    type: str
    text: str | None = None


class UIMessage(BaseModel):
    """A message as the AI SDK keeps it."""

    model_config = ConfigDict(extra="ignore")
    id: MessageId
    role: Literal["system", "user", "assistant"]
    parts: list[UIPart]

    @property
    def text(self) -> str:
        """What was written in it."""
        return "".join(part.text or "" for part in self.parts if part.type == "text")


class UIRequest(BaseModel):
    """What `DefaultChatTransport` sends, with the campaign in its `body` option."""

    model_config = ConfigDict(extra="ignore")
    id: str = Field(min_length=1, max_length=100)
    messages: list[UIMessage] = Field(min_length=1)
    trigger: Literal["submit-message", "regenerate-message"] = "submit-message"
    campaign_code: CampaignCode
    instagram_handle: Handle = GUEST
    lead_token: str | None = Field(default=None, max_length=2000)

    def as_chat_request(self) -> ChatRequest:
        """The newest message of the user; the rest of the conversation is known here.

        Raises `core.errors.InvalidInput` when there is none that can be read.
        """
        newest = next((message for message in reversed(self.messages) if message.role == "user"), None)
        if newest is None:
            raise InvalidInput(
                "There is no message of the user.",
                details={"errors": [{"field": "messages", "message": "none of them is the user's"}]},
            )
        try:
            text = readable(newest.text)
        except ValueError as fault:
            raise InvalidInput(
                f"message: {fault}", details={"errors": [{"field": "messages", "message": str(fault)}]}
            ) from fault
        return ChatRequest(
            campaign_code=self.campaign_code,
            instagram_handle=self.instagram_handle,
            message=text,
            message_id=newest.id,
            lead_token=self.lead_token,
        )


async def parts(
    thread_id: str, events: AsyncIterator[tuple[bytes, list[Event]]], metadata: dict[str, Any]
) -> AsyncIterator[bytes]:
    """A turn's events as the parts of one message; always ends in ``finish`` or ``error``.

    The client takes a stream that just stops for a finished reply.
    """
    message = _Message(thread_id, metadata)
    try:
        async for prefix, batch in events:
            yield b"".join(message.tell(prefix, batch))
            if message.ended:
                return
    except LimitlessError:
        log.warning("ai_sdk_stream_broken", thread_id=thread_id, exc_info=True)
    yield b"".join(message.break_off())


class _Message:
    """One message on its way out, part by part."""

    def __init__(self, thread_id: str, metadata: dict[str, Any]) -> None:
        self.ended = False
        self._thread_id = thread_id
        self._metadata = metadata
        self._begun = False
        self._speaking = False

    def tell(self, prefix: bytes, batch: list[Event]) -> list[bytes]:
        frames: list[bytes] = []
        if not self._begun:
            self._begun = True
            message_id = f"{self._thread_id}-{prefix.decode().split('-')[0]}"
            start = _part("start", messageId=message_id, messageMetadata=self._metadata)
            frames += [start, _part("start-step")]
        for event in batch:
            if event.kind == "token":
                frames += self._say(event.data)
                continue
            self.ended = event.kind in _ENDS
            if self.ended:
                frames += self._fall_silent()
            frames += _others(event)
            if self.ended:
                return [*frames, DONE]
        return frames

    def break_off(self) -> list[bytes]:
        self.ended = True
        return [*self._fall_silent(), _part("error", errorText=_INTERRUPTED), DONE]

    def _say(self, words: str) -> list[bytes]:
        begin = [] if self._speaking else [_part("text-start", id=_TEXT)]
        self._speaking = True
        return [*begin, _part("text-delta", id=_TEXT, delta=words)]

    def _fall_silent(self) -> list[bytes]:
        end = [_part("text-end", id=_TEXT)] if self._speaking else []
        self._speaking = False
        return end


def _others(event: Event) -> list[bytes]:
    if event.kind == "sources":
        return [_source(number, source) for number, source in enumerate(event.data["sources"], 1)]
    if event.kind in ("state", "checkout"):
        return [_part(f"data-{event.kind}", id=event.kind, data=event.data)]
    if event.kind == "done":
        return [
            _part("finish-step"),
            _part("finish", finishReason="stop", messageMetadata=event.data["metadata"]),
        ]
    if event.kind == "reset":
        # A part that was sent cannot be taken back: the client reads the turn again from its beginning.
        return [_part("error", errorText="The reply was begun anew; reconnect to read it.")]
    return [_part("error", errorText=event.data["error"]["message"])]


def _source(number: int, source: dict[str, Any]) -> bytes:
    return _part(
        "source-document",
        sourceId=f"{source.get('document_id', 'document')}-{number}",
        mediaType="text/plain",
        title=source.get("title", ""),
        providerMetadata={"limitless": {name: source.get(name) for name in ("heading", "page", "passage")}},
    )


def _part(kind: str, **fields: Any) -> bytes:
    return b"data: %b\n\n" % orjson.dumps({"type": kind, **fields})
