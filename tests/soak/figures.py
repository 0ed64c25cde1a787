"""What an installation holds at a moment: memory, descriptors, tasks, connections, rows."""

import re
from dataclasses import dataclass

import aiohttp
import psutil
from psycopg import AsyncConnection
from psycopg.rows import dict_row

_TASKS = re.compile(r"^limitless_tasks (\S+)$", re.MULTILINE)
_RUNNING = re.compile(r"^limitless_turns_running (\S+)$", re.MULTILINE)
_ROWS = """
select (select count(*) from turns) as turns,
    (select count(*) from turns where status <> 'done') as unfinished,
    (select count(*) from turns where outcome is not null) as logs,
    (select count(*) from conversations) as conversations,
    (select count(*) from checkpoints.checkpoints) as checkpoints,
    (select count(*) from checkpoints.checkpoint_writes) as writes,
    (select coalesce(max(octet_length(blob)), 0) from checkpoints.checkpoint_blobs) as largest,
    (select count(*) from jobs.procrastinate_jobs where status in ('todo', 'doing')) as jobs,
    (select count(*) from jobs.procrastinate_events) as job_events,
    (select count(*) from pg_stat_activity where datname = current_database()
        and application_name in ('limitless', 'limitless-relay')) as api_connections,
    (select count(*) from pg_stat_activity where datname = current_database()
        and application_name like 'limitless%%') as connections
"""


@dataclass(frozen=True, slots=True)
class Figures:
    """One sample. Memory in MB."""

    api_mb: float
    worker_mb: float
    api_files: int
    """Open descriptors, those of connections to the database and to the model left out."""
    to_model: int
    """The API's connections to the model: as many as were ever needed at once, kept while they are used."""
    worker_files: int
    tasks: int
    running: int
    rows: dict[str, int]

    def __str__(self) -> str:
        rows = self.rows
        return (
            f"API {self.api_mb:.0f} MB, {self.api_files} files, {self.to_model} to the model,"
            f" {self.tasks} tasks, {self.running} turns;"
            f" worker {self.worker_mb:.0f} MB, {self.worker_files} files; {rows['connections']} connections;"
            f" {rows['conversations']} conversations, {rows['turns']} turns, {rows['logs']} logs,"
            f" {rows['checkpoints']} checkpoints of {rows['largest'] / 1000:.0f} kB at most,"
            f" {rows['jobs']} jobs, {rows['job_events']} job events"
        )


async def take_figures(url: str, conninfo: str, api: int, worker: int, model_port: int) -> Figures:
    """A sample of the API and the worker with these process ids."""
    async with aiohttp.ClientSession(url) as session, session.get("/metrics") as answer:
        metrics = await answer.text()
    async with await AsyncConnection.connect(conninfo, row_factory=dict_row) as connection:
        rows = await (await connection.execute(_ROWS)).fetchone()
    assert rows is not None
    serving, working = psutil.Process(api), psutil.Process(worker)
    to_model = sum(bool(c.raddr) and c.raddr.port == model_port for c in serving.net_connections("inet"))
    return Figures(
        api_mb=serving.memory_info().rss / 1e6,
        worker_mb=working.memory_info().rss / 1e6,
        api_files=serving.num_fds() - rows["api_connections"] - to_model,
        to_model=to_model,
        worker_files=working.num_fds() - (rows["connections"] - rows["api_connections"]),
        tasks=_found(_TASKS, metrics),
        running=_found(_RUNNING, metrics),
        rows=rows,
    )


def _found(figure: re.Pattern[str], metrics: str) -> int:
    found = figure.search(metrics)
    assert found is not None, metrics
    return int(float(found[1]))
