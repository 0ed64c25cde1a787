"""The request and the events that every floor shares with our own stream."""

import os
from typing import Any

import orjson
from pydantic import BaseModel

MODEL_URL = os.environ.get("MODEL_URL", "")
DONE = {"event": "done", "data": '{"type":"complete"}'}


class Turn(BaseModel):
    """What a lead sends."""

    thread_id: str
    message: str


def token(content: str) -> dict[str, str]:
    """A token as sse-starlette takes it."""
    return {"event": "message", "data": orjson.dumps({"type": "token", "content": content}).decode()}


def content_of(line: bytes) -> str:
    """The text in one line of the model's stream."""
    if not line.startswith(b"data: {"):
        return ""
    choices: list[dict[str, Any]] = orjson.loads(line[6:])["choices"]
    return (choices[0]["delta"].get("content") or "") if choices else ""
