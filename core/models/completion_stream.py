"""A streamed chat completion: the bytes of each network read in, the text in them out."""

from typing import Any

import orjson

from core.errors import OutsideError, TerminalOutsideError, TransientOutsideError

LONGEST_LINE = 1_000_000
HOPELESS = ("invalid", "quota", "authentication", "permission", "context_length", "content", "not_found")


class CompletionStream:
    """Parses server-sent events as they arrive.

    Lines may end in LF or CRLF and may be cut anywhere between two reads, inside a character too.
    Comments (a keep-alive) and fields other than ``data`` are passed over.
    """

    __slots__ = ("_data", "_fault", "_finish", "_refused", "_rest", "done")

    def __init__(self) -> None:
        self._rest = b""
        self._data: list[bytes] = []
        self._finish: str | None = None
        self._refused = False
        self._fault: OutsideError | None = None
        self.done = False
        """Nothing that matters follows: ``[DONE]`` came, or a fault that `finish` will raise."""

    def feed(self, read: bytes) -> str:
        """The text in one read, all its tokens joined; empty when there is none."""
        lines = (self._rest + read).split(b"\n")
        self._rest = lines.pop()
        pieces: list[str] = []
        try:
            for line in lines:
                if line.startswith(b"data:"):
                    self._data.append(line[5:])
                elif self._data and line in (b"", b"\r"):
                    pieces.append(self._event())
            if len(self._rest) > LONGEST_LINE:
                raise TransientOutsideError("The model's endpoint sends a line without end.")
        except OutsideError as fault:
            # What was said before the fault, in the same read, is not lost.
            self._fault, self.done = fault, True
        return "".join(pieces)

    def finish(self, *, said: bool) -> None:
        """The stream is at its end; ``said`` is whether any text came.

        Raises `OutsideError` when that is no proper end: for an error that the endpoint reported, for what
        was no event, for a refusal, and when it was cut off.
        """
        if not self.done and (self._data or self._rest):
            self.feed(b"\n\n")
        if self._fault is not None:
            raise self._fault
        if self._refused or (not said and self._finish == "content_filter"):
            raise TerminalOutsideError("The model declined to answer.")
        if not self.done and self._finish is None:
            raise TransientOutsideError("The model's answer was cut off.")
        if not said:
            raise TransientOutsideError("The model answered without a word.")

    def _event(self) -> str:
        payload = self._data[0] if len(self._data) == 1 else b"\n".join(self._data)
        self._data.clear()
        if payload.strip() == b"[DONE]":
            self.done = True
            return ""
        try:
            return self._text(orjson.loads(payload))
        except (orjson.JSONDecodeError, AttributeError, KeyError, TypeError):
            raise TransientOutsideError("The model's endpoint sent an event that makes no sense.") from None

    def _text(self, event: dict[str, Any]) -> str:
        if error := event.get("error"):
            raise reported(error)
        choices = event.get("choices")
        if not choices:
            return ""
        choice = choices[0]
        self._finish = choice.get("finish_reason") or self._finish
        delta = choice.get("delta") or {}
        if delta.get("refusal"):
            self._refused = True
        content = delta.get("content")
        return content if isinstance(content, str) else ""


def reported(error: object) -> OutsideError:
    """What an error object inside a successful answer amounts to; its words stay out, they may quote us."""
    fields = error if isinstance(error, dict) else {}
    kind = f"{fields.get('type')} {fields.get('code')}".lower()
    failure = TerminalOutsideError if any(word in kind for word in HOPELESS) else TransientOutsideError
    return failure("The model's endpoint reported an error in the middle of its answer.")
