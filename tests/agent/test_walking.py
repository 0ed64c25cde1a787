"""A turn walks the graph to where LangGraph's engine would have brought it, which goes on from there."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from langchain_core.messages import AIMessage, AnyMessage, HumanMessage
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver

from agent.checkpoints import Connection, StrictMsgpack, TurnCheckpoint
from agent.context import AgentContext
from agent.graph import Graph, build_graph
from agent.responders.base import Brief
from agent.state import ConversationState
from agent.walking import Walker
from core.database import Claims, Database
from core.errors import InvalidInput
from core.identifiers import new_id
from tests.agent.conversation import hears
from tests.agent.speakers import Speaker

TURNS: tuple[ConversationState, ...] = (
    {"messages": [HumanMessage("Hi, I am a fitness coach.")]},
    {"messages": [HumanMessage("I coach people"), HumanMessage("online, who want to get fit.")]},
    {"messages": [HumanMessage("How does it work exactly?")]},
    {"messages": [HumanMessage("We make about 12,000 a month, mostly from Instagram.")]},
    {"messages": [HumanMessage("That is too expensive for me.")]},
    {"messages": [AIMessage("Are you still there?"), HumanMessage("Yes, send me the link.")]},
    {"messages": [HumanMessage("No, I am not interested.")]},
    {"messages": [HumanMessage("Thanks, I have paid.")], "stage": "converted"},
)
THREAD_ID = "lead_0"


def thread_after(turn: TurnCheckpoint | None) -> TurnCheckpoint:
    """The thread as a turn left it; a new one after none."""
    row: dict[str, Any] = {"checkpoint": None}
    if turn is not None:
        kept = turn.kept
        row = {"checkpoint": kept.checkpoint, "metadata": kept.metadata, "kind": "msgpack", "blob": kept.blob}
    return TurnCheckpoint(THREAD_ID, no_connection, row)


@asynccontextmanager
async def no_connection() -> AsyncIterator[Connection]:
    raise AssertionError("the row was there already")
    yield


async def test_it_comes_to_what_the_engine_comes_to() -> None:
    walk, thread = Walker(), None
    graph = build_graph(InMemorySaver(serde=StrictMsgpack()))
    config = RunnableConfig(configurable={"thread_id": THREAD_ID})
    for number, given in enumerate(TURNS):
        walked: list[dict[str, Any]] = []
        thread = thread_after(thread)
        await walk(given, thread, AgentContext(tell=walked.append))

        run: list[dict[str, Any]] = []
        await graph.ainvoke(given, config, context=AgentContext(tell=run.append), durability="exit")
        assert walked == run
        assert walked[-1]["type"] == "settled"
        before = (await graph.aget_state(config)).values
        after = (await thread_after(thread).load()).values
        assert plain(after) == plain(before), f"after turn {number}"


def plain(values: dict[str, Any]) -> dict[str, Any]:
    """Without what each run makes up: a message's id, where it has one, says nothing."""
    return {**values, "messages": [(m.type, m.content) for m in values["messages"]]}


async def test_what_a_node_raises_comes_out_and_nothing_is_kept() -> None:
    thread = thread_after(None)
    with pytest.raises(InvalidInput):
        await Walker()({"messages": []}, thread, AgentContext(tell=lambda event: None))
    with pytest.raises(RuntimeError):
        _ = thread.kept


class OnPostgres:
    """One thread of the test's database, for the engine with the library's own saver, and for the walker."""

    def __init__(self, database: Database, claims: Claims) -> None:
        self.database, self.claims = database, claims
        self.thread_id = new_id("lead")

    @asynccontextmanager
    async def engine(self) -> AsyncIterator[tuple[Graph, RunnableConfig]]:
        async with self.database.transaction(self.claims) as connection:
            saver = AsyncPostgresSaver(connection, serde=StrictMsgpack())
            yield build_graph(saver), RunnableConfig(configurable={"thread_id": self.thread_id})

    async def walked(self, words: str) -> None:
        thread = TurnCheckpoint(self.thread_id, lambda: self.database.pipeline(self.claims))
        await Walker()({"messages": [HumanMessage(words)]}, thread, context(Speaker()))
        async with self.database.pipeline(self.claims) as connection:
            await connection.execute(
                "select app.save_checkpoint(%s, %s, %s, %s, %s, %s)", (thread.thread_id, *thread.kept)
            )

    async def ran(self, words: str, speaker: Speaker) -> None:
        async with self.engine() as (graph, config):
            said: list[AnyMessage] = [HumanMessage(words)]
            await graph.ainvoke({"messages": said}, config, context=context(speaker), durability="exit")

    async def state(self) -> tuple[list[str], tuple[str, ...]]:
        """The texts that the engine sees, and the nodes that it would run next."""
        async with self.engine() as (graph, config):
            seen = await graph.aget_state(config)
        return [message.text for message in seen.values["messages"]], seen.next


def context(speaker: Speaker) -> AgentContext:
    return AgentContext(responder=speaker, fallback=speaker, perceive=hears(), tell=lambda event: None)


async def test_the_engine_goes_on_where_a_turn_ended(database: Database, claims: Claims) -> None:
    thread = OnPostgres(database, claims)
    await thread.walked("one")
    await thread.walked("two")
    assert await thread.state() == (["one", "Fine.", "two", "Fine."], ())
    await thread.ran("three", Speaker())
    assert await thread.state() == (["one", "Fine.", "two", "Fine.", "three", "Fine."], ())
    await thread.walked("four")
    texts, following = await thread.state()
    assert (texts[-4:], following) == (["three", "Fine.", "four", "Fine."], ())


class Breaks(Speaker):
    """Says something, and then fails as nobody expects."""

    async def stream(self, brief: Brief) -> AsyncGenerator[str, None]:
        yield "I was about to "
        raise ZeroDivisionError


async def test_a_node_that_was_interrupted_does_no_harm(database: Database, claims: Claims) -> None:
    thread = OnPostgres(database, claims)
    async with thread.engine() as (graph, config):
        said: list[AnyMessage] = [HumanMessage("hello")]
        with pytest.raises(ZeroDivisionError):
            await graph.ainvoke({"messages": said}, config, context=context(Breaks()), durability="exit")
    assert await thread.state() == (["hello"], ("qualifier_agent",))

    await thread.walked("are you there?")
    assert await thread.state() == (["hello", "are you there?", "Fine."], ())
    await thread.ran("good", Speaker())
    assert (await thread.state())[0][-2:] == ["good", "Fine."]
