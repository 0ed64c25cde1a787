"""The conversation in the words of the Vercel AI SDK: its UI message stream, version 1.

https://ai-sdk.dev/docs/ai-sdk-ui/stream-protocol
"""

from collections.abc import AsyncIterator
from typing import Any, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field

from api.chat.schemas import GUEST, CampaignCode, ChatRequest, Handle, MessageId, readable
from api.chat.streams import Event
from core.errors import InvalidInput

HEADERS = {"x-vercel-ai-ui-message-stream": "v1"}
DONE = b"data: [DONE]\n\n"


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
    """A turn's events as the parts of one message; always ends in ``finish`` or ``error``."""
    text: str | None = None
    started = False
    async for prefix, batch in events:
        frames: list[bytes] = []
        if not started:
            message_id = f"{thread_id}-{prefix.decode().split('-')[0]}"
            frames += [_part("start", messageId=message_id, messageMetadata=metadata), _part("start-step")]
            started = True
        for event in batch:
            if event.kind == "token":
                if text is None:
                    text = "text-1"
                    frames.append(_part("text-start", id=text))
                frames.append(_part("text-delta", id=text, delta=event.data))
                continue
            if text is not None and event.kind in ("done", "error", "reset"):
                frames.append(_part("text-end", id=text))
            frames += _others(event)
            if event.kind in ("done", "error", "reset"):
                yield b"".join([*frames, DONE])
                return
        yield b"".join(frames)


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
    )


def _part(kind: str, **fields: Any) -> bytes:
    return b"data: %b\n\n" % orjson.dumps({"type": kind, **fields})
