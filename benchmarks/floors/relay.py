"""A bare relay, FastAPI and sse-starlette: nothing is decided and nothing is kept."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import orjson
from fastapi import FastAPI, Request
from sse_starlette import EventSourceResponse

from benchmarks.floors.events import DONE, MODEL_URL, Turn, content_of, token


@asynccontextmanager
async def _session(app: FastAPI) -> AsyncIterator[None]:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=512)) as session:
        app.state.session = session
        yield


app = FastAPI(lifespan=_session)


@app.post("/chat")
async def chat(turn: Turn, request: Request) -> EventSourceResponse:
    """Pass the model's tokens on."""
    return EventSourceResponse(_events(turn, request.app.state.session))


async def _events(turn: Turn, session: aiohttp.ClientSession) -> AsyncIterator[dict[str, str]]:
    messages = [{"role": "user", "content": turn.message}]
    body = orjson.dumps({"model": "standin", "stream": True, "messages": messages})
    headers = {"content-type": "application/json"}
    async with session.post(f"{MODEL_URL}/chat/completions", data=body, headers=headers) as response:
        async for line in response.content:
            if content := content_of(line):
                yield token(content)
    yield DONE
