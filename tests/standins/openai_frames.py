"""The bytes of OpenAI's API: HTTP heads, events, completions, embeddings."""

import base64
import hashlib
import re
import struct
from functools import lru_cache
from typing import Any

import orjson

TEXT = (
    "That makes sense, and thank you for telling me. Most people who come to us started in the same place, "
    "and a clear next step helped them more than anything else. Let us look at yours together."
)
WORDS = tuple(TEXT.split())
CREATED = 1_790_000_000
STREAM_HEAD = (
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\ntransfer-encoding: chunked\r\n\r\n"
)
LAST_CHUNK = b"0\r\n\r\n"


def head(status: int, length: int, *fields: bytes) -> bytes:
    """The head of a JSON answer."""
    lines = (
        b"HTTP/1.1 %d Ordered" % status,
        b"content-type: application/json",
        b"content-length: %d" % length,
    )
    return b"\r\n".join((*lines, *fields)) + b"\r\n\r\n"


def chunk(data: bytes) -> bytes:
    """One chunk of a body of unknown length."""
    return b"%x\r\n%b\r\n" % (len(data), data)


@lru_cache(maxsize=64)
def default_reply(tokens: int) -> tuple[str, ...]:
    """``tokens`` words that any guard lets pass."""
    return tuple(f"{WORDS[i % len(WORDS)]} " for i in range(tokens))


def tokens_of(text: str) -> tuple[str, ...]:
    """A text as the pieces that a model would stream it in."""
    return tuple(re.findall(r"\s*\S+|\s+$", text))


def delta(model: str, delta: dict[str, Any], finish: str | None = None) -> bytes:
    """One chunk of a streamed completion, as JSON."""
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
    return orjson.dumps(
        {
            "id": "chatcmpl-standin",
            "object": "chat.completion.chunk",
            "created": CREATED,
            "model": model,
            "choices": [choice],
        }
    )


@lru_cache(maxsize=256)
def deltas(model: str, tokens: tuple[str, ...]) -> tuple[bytes, ...]:
    """A whole reply, chunk by chunk: the role, the tokens, the end."""
    start = delta(model, {"role": "assistant", "content": "", "refusal": None})
    said = (delta(model, {"content": token}) for token in tokens)
    return (start, *said, delta(model, {}, "stop"), b"[DONE]")


@lru_cache(maxsize=256)
def whole_stream(model: str, tokens: tuple[str, ...]) -> bytes:
    """A streamed reply in one write, head and all, for when nothing is to be waited for."""
    events = (chunk(event(data)) for data in deltas(model, tokens))
    return STREAM_HEAD + b"".join(events) + LAST_CHUNK


def event(data: bytes, line_end: bytes = b"\n") -> bytes:
    """One server-sent event."""
    return b"data: " + data + line_end * 2


def completion(model: str, content: str | None, refusal: str | None = None) -> dict[str, Any]:
    """A completion in one piece."""
    message = {"role": "assistant", "content": content, "refusal": refusal}
    return {
        "id": "chatcmpl-standin",
        "object": "chat.completion",
        "created": CREATED,
        "model": model,
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 100, "completion_tokens": 40, "total_tokens": 140},
    }


def error(
    message: str, code: str | None, param: str | None = None, kind: str = "invalid_request_error"
) -> dict[str, Any]:
    """The API's error object."""
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}


def least_instance(schema: dict[str, Any], whole: dict[str, Any] | None = None) -> Any:
    """The emptiest value that fits a JSON schema."""
    whole = schema if whole is None else whole
    if "$ref" in schema:
        node = whole
        for part in schema["$ref"].removeprefix("#/").split("/"):
            node = node[part]
        return least_instance(node, whole)
    if "anyOf" in schema:
        options = schema["anyOf"]
        null = any(option.get("type") == "null" for option in options)
        return None if null else least_instance(options[0], whole)
    if "enum" in schema:
        return schema["enum"][0]
    if schema.get("type") == "object":
        return {name: least_instance(part, whole) for name, part in schema.get("properties", {}).items()}
    return {"array": [], "string": "", "integer": 0, "number": 0, "boolean": False}.get(
        schema.get("type", "")
    )


def embeddings(body: dict[str, Any]) -> dict[str, Any]:
    """Vectors of hashed words: texts that share words are near each other."""
    texts = [body["input"]] if isinstance(body["input"], str) else body["input"]
    size = int(body.get("dimensions") or 1536)
    as_base64 = body.get("encoding_format") == "base64"
    data = []
    for index, text in enumerate(texts):
        vector = _vector(str(text), size)
        packed = base64.b64encode(struct.pack(f"<{size}f", *vector)).decode() if as_base64 else vector
        data.append({"object": "embedding", "index": index, "embedding": packed})
    usage = {"prompt_tokens": len(texts), "total_tokens": len(texts)}
    return {"object": "list", "model": body.get("model"), "data": data, "usage": usage}


def _vector(text: str, size: int) -> list[float]:
    vector = [0.0] * size
    for word in re.findall(r"\w+", text.lower()):
        vector[int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest(), "big") % size] += 1.0
    length = sum(value * value for value in vector) ** 0.5 or 1.0
    return [value / length for value in vector]
