"""What streaming one reply costs the process that reads it, client by client, without a server around it."""

import argparse
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from statistics import median

import uvloop
from pydantic import SecretStr

from benchmarks.servers import pin_to_last_core, standin_server
from benchmarks.tables import Table, ratio
from core.models.base import ChatMessage
from core.models.endpoint import Endpoint
from core.models.openai_compatible import OpenAICompatibleModel

TOKENS = 40
MESSAGES: list[ChatMessage] = [{"role": "user", "content": "Hello"}]
Reading = Callable[[], Awaitable[str]]


def main(args: argparse.Namespace) -> None:
    """Measure and print."""
    uvloop.run(_measure(rounds=2, replies=100) if args.quick else _measure(rounds=5, replies=300))


async def _measure(rounds: int, replies: int) -> None:
    pin_to_last_core()
    async with AsyncExitStack() as stack:
        standin = standin_server()
        stack.callback(standin.stop)
        await standin.ready()
        url = f"http://127.0.0.1:{standin.port}/v1"
        endpoint = await stack.enter_async_context(Endpoint(url, SecretStr("none")))
        clients = {
            "ours: aiohttp, orjson": _ours(endpoint),
            "the openai package": _openai(url),
            "ChatOpenAI": _chat_openai(url),
        }
        costs: dict[str, list[float]] = {name: [] for name in clients}
        for _ in range(rounds):
            for name, read in clients.items():
                costs[name].append(await _cpu_ms(read, replies))
    _print({name: median(values) for name, values in costs.items()})


async def _cpu_ms(read: Reading, replies: int) -> float:
    for _ in range(10):
        assert len((await read()).split()) == TOKENS
    before = time.process_time()
    for _ in range(replies):
        await read()
    return (time.process_time() - before) * 1000 / replies


def _print(costs: dict[str, float]) -> None:
    table = Table(f"a streamed reply of {TOKENS} tokens", ("CPU ms", "µs a token", "× ours"))
    ours = next(iter(costs.values()))
    for name, cost in costs.items():
        table.row(name, f"{cost:.2f}", f"{cost * 1000 / TOKENS:.0f}", ratio(cost, ours))
    table.print()


def _ours(endpoint: Endpoint) -> Reading:
    model = OpenAICompatibleModel(endpoint, "standin")
    return lambda: _joined(model.stream(MESSAGES))


def _openai(url: str) -> Reading:
    from openai import AsyncOpenAI

    client = AsyncOpenAI(base_url=url, api_key="none", max_retries=0)

    async def read() -> str:
        stream = await client.chat.completions.create(
            model="standin", messages=[{"role": "user", "content": "Hello"}], stream=True
        )
        return "".join([chunk.choices[0].delta.content or "" async for chunk in stream])

    return read


def _chat_openai(url: str) -> Reading:
    from langchain_openai import ChatOpenAI

    model = ChatOpenAI(model="standin", base_url=url, api_key=SecretStr("none"), use_responses_api=False)

    async def read() -> str:
        return "".join([str(chunk.content) async for chunk in model.astream([("user", "Hello")])])

    return read


async def _joined(pieces: AsyncIterator[str]) -> str:
    return "".join([piece async for piece in pieces])
