"""This process's own gauges."""

import asyncio

from api.chat.runner import TurnRunner
from core.database import Database
from core.metrics import POOL_CONNECTIONS, TASKS, TURNS_RUNNING

EVERY_S = 1.0


def look(runner: TurnRunner, database: Database) -> None:
    """Note how things stand in this process."""
    TURNS_RUNNING.set(runner.running)
    TASKS.set(len(asyncio.all_tasks()))
    pool = database.figures()
    idle = pool.get("pool_available", 0)
    POOL_CONNECTIONS.labels("idle").set(idle)
    POOL_CONNECTIONS.labels("used").set(pool.get("pool_size", 0) - idle)
    POOL_CONNECTIONS.labels("waited_for").set(pool.get("requests_waiting", 0))


async def keep_looking(runner: TurnRunner, database: Database) -> None:
    """For the other processes on the port, any of which may be asked for the sum; runs until cancelled."""
    while True:
        look(runner, database)
        await asyncio.sleep(EVERY_S)
