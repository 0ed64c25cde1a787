"""The systems that the chat benchmark compares, and the Postgres that they share."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from benchmarks.measures import Figures
from benchmarks.servers import Server, floor_server, limitless_server, standin_server
from benchmarks.targets import Floor, Limitless, Model, Target

OURS = "Limitless"
RELAY = "relay: aiohttp, sse-starlette"
GRAPH = "graph: ChatOpenAI, saver on a pool"
LEAN_GRAPH = "graph: own parsing, saver tuned"
MODULES = {RELAY: "relay", GRAPH: "graph_chat_openai", LEAN_GRAPH: "graph_lean"}
WITH_DATABASE = (OURS, GRAPH, LEAN_GRAPH)


@dataclass(slots=True)
class Cost:
    """What a turn costs besides time."""

    memory_mb_per_stream: float = 0
    round_trips: float | None = None
    round_trips_before_first_token: float | None = None
    statements: dict[str, float] = field(default_factory=dict)
    """How often each statement runs in a turn."""
    model_calls: float = 0
    model_calls_before_first_token: float = 0


@dataclass(slots=True)
class System:
    """A server, how to talk to it, and what was measured of it."""

    target: Target
    server: Server
    levels: dict[int, Figures] = field(default_factory=dict)
    """By conversations at once, with a model that does not wait."""
    slow: Figures = field(default_factory=Figures)
    """With a model as slow as a real one."""
    cost: Cost = field(default_factory=Cost)

    @property
    def name(self) -> str:
        """What the report calls it."""
        return self.target.name


@asynccontextmanager
async def running(
    names: tuple[str, ...], folder: Path, databases: Mapping[str, str]
) -> AsyncIterator[tuple[System, list[System]]]:
    """The model and the systems of these names, all of them ready."""
    async with AsyncExitStack() as stack:
        standin = standin_server()
        stack.callback(standin.stop)
        await standin.ready()
        model_url = f"http://127.0.0.1:{standin.port}/v1"
        systems = []
        for name in names:
            system = _start(name, model_url, folder, databases.get(name, ""))
            stack.callback(system.server.stop)
            systems.append(system)
        for system in systems:
            await system.server.ready()
        yield System(Model("the model itself", standin.port), standin), systems


def _start(name: str, model_url: str, folder: Path, database: str) -> System:
    if name == OURS:
        server = limitless_server(
            folder / "limitless", {"OPENAI_BASE_URL": model_url, "DATABASE_URL": database}
        )
        return System(Limitless(name, server.port), server)
    server = floor_server(MODULES[name], {"MODEL_URL": model_url, "DATABASE_URL": database})
    return System(Floor(name, server.port), server)


async def create_databases(uri: str) -> dict[str, str]:
    """One database for each system that has one, by the system's name."""
    databases = {name: f"bench_{number}" for number, name in enumerate(WITH_DATABASE)}
    async with await psycopg.AsyncConnection.connect(uri, autocommit=True) as connection:
        for database in databases.values():
            await connection.execute(sql.SQL("create database {}").format(sql.Identifier(database)))
    return {name: make_conninfo(uri, dbname=database) for name, database in databases.items()}


def through_port(conninfo: str, port: int) -> str:
    """The same database, reached through a port of loopback."""
    return make_conninfo(conninfo, host="127.0.0.1", port=port)


def socket_path(uri: str) -> str:
    """The Unix socket that a connection string leads to."""
    parts = conninfo_to_dict(uri)
    return f"{parts['host']}/.s.PGSQL.{parts.get('port', 5432)}"
