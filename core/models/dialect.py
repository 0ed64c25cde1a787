"""What an endpoint turned out not to understand, learned from its refusals and remembered."""

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel

from core.models.base import ChatMessage
from core.models.endpoint import EndpointRefusal
from core.models.strict_schema import response_format, schema_text

BAD_REQUEST = frozenset({400, 422})
STRUCTURES = ("json_schema", "json_object", "words")
"""Ways to ask for JSON, the surest first."""

JSON_WISH = "Answer with one JSON object and nothing else. It must fit this JSON Schema:"


class Dialect:
    """How to put a request to one model at one endpoint.

    Compatible endpoints differ in three places: how the length is limited, whether the effort of
    reasoning can be set, and how far they take structured output.
    """

    def __init__(self, model: str, reasoning_effort: str | None) -> None:
        self._model = model
        self._reasoning_effort = reasoning_effort or None
        self._limit = "max_completion_tokens"
        self.structure = 0
        """The first of `STRUCTURES` that is known to work."""

    def streamed(self, messages: Sequence[ChatMessage], max_tokens: int | None) -> dict[str, Any]:
        """The body of a streamed completion."""
        body = self._body(messages)
        body["stream"] = True
        if max_tokens is not None:
            body[self._limit] = max_tokens
        return body

    def structured(
        self, messages: Sequence[ChatMessage], schema: type[BaseModel], structure: str
    ) -> dict[str, Any]:
        """The body of a whole completion that is to be JSON."""
        if structure == "json_schema":
            return {**self._body(messages), "response_format": response_format(schema)}
        wish = f"{JSON_WISH}\n{schema_text(schema)}"
        body = self._body([{"role": "system", "content": wish}, *messages])
        if structure == "json_object":
            body["response_format"] = {"type": "json_object"}
        return body

    def learns_from(self, refusal: EndpointRefusal) -> bool:
        """Whether the refusal names something that can be put otherwise, as it will be from now on."""
        if refusal.answered not in BAD_REQUEST:
            return False
        if self._reasoning_effort is not None and "reasoning" in refusal.complaint:
            self._reasoning_effort = None
            return True
        if self._limit == "max_completion_tokens" and self._limit in refusal.complaint:
            self._limit = "max_tokens"
            return True
        return False

    def _body(self, messages: Sequence[ChatMessage]) -> dict[str, Any]:
        body: dict[str, Any] = {"model": self._model, "messages": messages}
        if self._reasoning_effort is not None:
            body["reasoning_effort"] = self._reasoning_effort
        return body
