"""``langgraph dev`` serves the graph as it stands; a client of the platform talks to it."""

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from langgraph_sdk import get_client
from langgraph_sdk.client import LangGraphClient

from agent.graph import graph

ROOT = Path(__file__).parents[2]
ALONE = {
    "LANGSMITH_TRACING": "false",
    "LANGGRAPH_CLI_NO_ANALYTICS": "1",
    "OPENAI_API_KEY": "",
    "CHAT_MODEL": "",
}


@pytest.fixture(scope="module")
async def client(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[LangGraphClient]:
    folder = tmp_path_factory.mktemp("langgraph")
    for served in ("agent", "langgraph.json"):
        (folder / served).symlink_to(ROOT / served)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    cli = str(Path(sys.executable).with_name("langgraph"))
    options = ["--port", str(port), "--no-browser", "--no-reload"]
    with (folder / "log").open("wb") as log:
        server = await asyncio.create_subprocess_exec(
            cli, "dev", *options, cwd=folder, env={**os.environ, **ALONE}, stdout=log, stderr=log
        )
        try:
            await _up(port, server)
            async with get_client(url=f"http://127.0.0.1:{port}", api_key=None) as client:
                yield client
        finally:
            if server.returncode is None:
                server.terminate()
            await server.wait()


async def _up(port: int, server: asyncio.subprocess.Process) -> None:
    async with asyncio.timeout(60):
        while True:
            assert server.returncode is None, "langgraph dev ended"
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.1)
            else:
                writer.close()
                await writer.wait_closed()
                return


async def test_thread_run_stream_and_state(client: LangGraphClient) -> None:
    thread = await client.threads.create()
    said: Any = {"messages": [{"role": "user", "content": "Yes, I'm a fitness coach"}]}
    events = [
        part.data
        async for part in client.runs.stream(
            thread["thread_id"],
            "limitless",
            input=said,
            stream_mode="custom",
        )
        if part.event == "custom"
    ]
    *tokens, settled = events
    assert "".join(event["content"] for event in tokens) == settled["reply"]
    assert settled["type"] == "settled"
    assert settled["scripted"]

    state = await client.threads.get_state(thread["thread_id"])
    values = state["values"]
    assert isinstance(values, dict)
    assert [message["type"] for message in values["messages"]] == ["human", "ai"]
    assert values["messages"][-1]["content"] == settled["reply"]
    assert values["fields"] == settled["fields"]
    assert "turn" not in values


async def test_the_schemas_can_be_shown(client: LangGraphClient) -> None:
    [assistant] = await client.assistants.search(graph_id="limitless")
    schemas = await client.assistants.get_schemas(assistant["assistant_id"])
    assert schemas["input_schema"] is not None
    assert "messages" in schemas["input_schema"]["properties"]
    assert schemas["context_schema"] == {"type": "object", "properties": {}}


async def test_a_run_goes_on_where_the_last_one_ended(client: LangGraphClient) -> None:
    thread = await client.threads.create()
    for said in ("Yes, I'm a fitness coach", "Strength coaching for busy dads"):
        message: Any = {"messages": [{"role": "user", "content": said}]}
        after = await client.runs.wait(thread["thread_id"], "limitless", input=message)
    assert isinstance(after, dict)
    assert [one["type"] for one in after["messages"]] == ["human", "ai", "human", "ai"]
    runs = await client.runs.list(thread["thread_id"])
    assert [run["status"] for run in runs] == ["success", "success"]


async def test_studio_shows_the_graph_of_the_readme(client: LangGraphClient) -> None:
    [assistant] = await client.assistants.search(graph_id="limitless")
    shown: Any = await client.assistants.get_graph(assistant["assistant_id"])
    drawn = graph.get_graph()
    assert {node["id"] for node in shown["nodes"]} == set(drawn.nodes)
    assert {(edge["source"], edge["target"]) for edge in shown["edges"]} == {
        (edge.source, edge.target) for edge in drawn.edges
    }
