"""A tuned graph: one LangGraph node with a parser of its own, the saver unlocked, saved at the end."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Self

import aiohttp
import orjson
from fastapi import FastAPI, Request
from langchain_core.messages import AIMessage, HumanMessage
from langchain_core.runnables import RunnableConfig
from langgraph.config import get_stream_writer
from langgraph.graph import END, START, StateGraph
from sse_starlette import EventSourceResponse

from benchmarks.floors.events import DONE, MODEL_URL, Turn, content_of, token
from benchmarks.floors.graph import State, postgres_saver

ROLES = {"human": "user", "ai": "assistant"}


class NoLock:
    """The saver holds one lock around every operation, though its pool needs none."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        return None


@asynccontextmanager
async def _graph(app: FastAPI) -> AsyncIterator[None]:
    connector = aiohttp.TCPConnector(limit=512)
    headers = {"content-type": "application/json"}
    async with (
        aiohttp.ClientSession(connector=connector, headers=headers) as session,
        postgres_saver() as saver,
    ):
        saver.lock = NoLock()  # type: ignore[assignment]

        async def reply(state: State) -> dict[str, Any]:
            return {"messages": [AIMessage(await _said(session, state))]}

        graph = StateGraph(State)
        graph.add_node("reply", reply)
        graph.add_edge(START, "reply")
        graph.add_edge("reply", END)
        app.state.graph = graph.compile(checkpointer=saver)
        yield


async def _said(session: aiohttp.ClientSession, state: State) -> str:
    write, said = get_stream_writer(), []
    messages = [{"role": ROLES[message.type], "content": message.content} for message in state["messages"]]
    body = orjson.dumps({"model": "standin", "stream": True, "messages": messages})
    async with session.post(f"{MODEL_URL}/chat/completions", data=body) as response:
        async for line in response.content:
            if content := content_of(line):
                write(content)
                said.append(content)
    return "".join(said)


app = FastAPI(lifespan=_graph)


@app.post("/chat")
async def chat(turn: Turn, request: Request) -> EventSourceResponse:
    """One turn through the graph."""
    return EventSourceResponse(_events(turn, request.app.state.graph))


async def _events(turn: Turn, graph: Any) -> AsyncIterator[dict[str, str]]:
    config: RunnableConfig = {"configurable": {"thread_id": turn.thread_id}}
    asked = {"messages": [HumanMessage(turn.message)]}
    async for content in graph.astream(asked, config, stream_mode="custom", durability="exit"):
        yield token(content)
    yield DONE
