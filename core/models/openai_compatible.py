"""A thin client for OpenAI-compatible endpoints: what a token costs here is what its JSON costs."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass
from typing import Any

import aiohttp
import orjson
from pydantic import ValidationError

from core.errors import TerminalOutsideError, TransientOutsideError
from core.models.base import ChatMessage, T
from core.models.completion_stream import CompletionStream, reported
from core.models.dialect import BAD_REQUEST, STRUCTURES, Dialect
from core.models.endpoint import Endpoint, EndpointRefusal
from core.models.patience import Patience
from core.models.retries import Retries

DRAIN_S = 0.1


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds. The first token's and the total hold over all tries of a call together."""

    first_token_s: float = 15
    between_tokens_s: float = 10
    total_s: float = 30


class OpenAICompatibleModel:
    """One model behind an open `Endpoint`.

    ``reasoning_effort`` is sent where the endpoint knows it; ``none`` keeps a reasoning model from
    thinking before its first token.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        name: str,
        *,
        timeouts: Timeouts | None = None,
        reasoning_effort: str | None = None,
    ) -> None:
        self.name = name
        self._endpoint = endpoint
        self._timeouts = timeouts or Timeouts()
        self._dialect = Dialect(name, reasoning_effort)

    async def stream(
        self, messages: Sequence[ChatMessage], *, max_tokens: int | None = None
    ) -> AsyncGenerator[str, None]:
        """One piece for each read of the network, so tokens that arrive together stay together.

        A try that failed before its first piece is repeated; after it, the fault is raised.
        """
        now = asyncio.get_running_loop().time()
        first_by = now + min(self._timeouts.first_token_s, self._timeouts.total_s)
        retries = Retries(first_by)
        said = False
        while True:
            body = orjson.dumps(self._dialect.streamed(messages, max_tokens))
            try:
                async with aclosing(self._pieces(body, first_by, now + self._timeouts.total_s)) as pieces:
                    async for piece in pieces:
                        said = True
                        yield piece
                return
            except EndpointRefusal as refusal:
                if not self._dialect.learns_from(refusal):
                    raise
            except TransientOutsideError as fault:
                if said:
                    raise
                await retries.pause(fault)

    async def structured(self, messages: Sequence[ChatMessage], schema: type[T]) -> T:
        """By JSON schema, and where the endpoint refuses that, by the next best way that it takes."""
        by = asyncio.get_running_loop().time() + self._timeouts.total_s
        refused: EndpointRefusal | None = None
        for structure in range(self._dialect.structure, len(STRUCTURES)):
            try:
                answer = await self._whole(messages, schema, STRUCTURES[structure], by)
            except EndpointRefusal as refusal:
                if refusal.answered not in BAD_REQUEST:
                    raise
                refused = refused or refusal
                continue
            self._dialect.structure = structure
            return _parsed(answer, schema)
        raise refused or TerminalOutsideError("The model's endpoint takes no structured call.")

    async def _pieces(self, body: bytes, first_by: float, last_by: float) -> AsyncGenerator[str, None]:
        loop_time = asyncio.get_running_loop().time
        stream = CompletionStream()
        said = False
        async with self._endpoint.post(body, by=first_by) as response:
            content = response.content
            with Patience(content, first_by) as patience:
                while not stream.done and not content.at_eof():
                    if piece := stream.feed(await content.readany()):
                        yield piece
                        said = True
                        patience.until(min(last_by, loop_time() + self._timeouts.between_tokens_s))
            stream.finish(said=said)
            if not content.at_eof():
                await _drain(content)

    async def _whole(
        self, messages: Sequence[ChatMessage], schema: type[T], structure: str, by: float
    ) -> Mapping[str, Any]:
        retries = Retries(by)
        while True:
            body = orjson.dumps(self._dialect.structured(messages, schema, structure))
            try:
                async with self._endpoint.post(body, by=by) as response, asyncio.timeout_at(by):
                    return _message(await response.read())
            except EndpointRefusal as refusal:
                if not self._dialect.learns_from(refusal):
                    raise
            except TransientOutsideError as fault:
                await retries.pause(fault)


async def _drain(content: aiohttp.StreamReader) -> None:
    """Wait a moment for the body's last bytes: only a connection that was read to its end is used again."""
    with suppress(TimeoutError):
        async with asyncio.timeout(DRAIN_S):
            await content.wait_eof()


def _message(answer: bytes) -> Mapping[str, Any]:
    try:
        whole = orjson.loads(answer)
        if error := whole.get("error"):
            raise reported(error)
        message: Mapping[str, Any] = whole["choices"][0]["message"]
    except (orjson.JSONDecodeError, AttributeError, LookupError, TypeError):
        raise TransientOutsideError("The model's endpoint sent an answer that makes no sense.") from None
    return message


def _parsed(message: Mapping[str, Any], schema: type[T]) -> T:
    if message.get("refusal"):
        raise TerminalOutsideError("The model declined to answer.")
    content = message.get("content")
    try:
        return schema.model_validate_json(_json_object(content if isinstance(content, str) else ""))
    except ValidationError:
        raise TerminalOutsideError(f"The model's answer is not a {schema.__name__}.") from None


def _json_object(text: str) -> str:
    """The object in an answer that may have thoughts before it and a fence around it."""
    spoken = text.rpartition("</think>")[2]
    return spoken[spoken.find("{") : spoken.rfind("}") + 1]
