"""What most would build: one LangGraph node, ChatOpenAI, AsyncPostgresSaver on a pool, sse-starlette."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI, Request
from langchain_core.messages import AIMessageChunk, HumanMessage
from langchain_core.runnables import RunnableConfig
from langchain_openai import ChatOpenAI
from langgraph.graph import END, START, StateGraph
from pydantic import SecretStr
from sse_starlette import EventSourceResponse

from benchmarks.floors.events import DONE, MODEL_URL, Turn, token
from benchmarks.floors.graph import State, postgres_saver

model = ChatOpenAI(
    model="standin", base_url=MODEL_URL, api_key=SecretStr("none"), max_retries=0, use_responses_api=False
)


async def reply(state: State) -> dict[str, Any]:
    """The only node."""
    return {"messages": [await model.ainvoke(state["messages"])]}


@asynccontextmanager
async def _graph(app: FastAPI) -> AsyncIterator[None]:
    graph = StateGraph(State)
    graph.add_node("reply", reply)
    graph.add_edge(START, "reply")
    graph.add_edge("reply", END)
    async with postgres_saver() as saver:
        app.state.graph = graph.compile(checkpointer=saver)
        yield


app = FastAPI(lifespan=_graph)


@app.post("/chat")
async def chat(turn: Turn, request: Request) -> EventSourceResponse:
    """One turn through the graph."""
    return EventSourceResponse(_events(turn, request.app.state.graph))


async def _events(turn: Turn, graph: Any) -> AsyncIterator[dict[str, str]]:
    config: RunnableConfig = {"configurable": {"thread_id": turn.thread_id}}
    asked = {"messages": [HumanMessage(turn.message)]}
    async for message, _ in graph.astream(asked, config, stream_mode="messages"):
        if isinstance(message, AIMessageChunk) and message.content:
            yield token(str(message.content))
    yield DONE
