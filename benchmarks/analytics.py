"""What owners wait for at a million conversations and ten million messages, and what counting costs a turn.

Each figure through the HTTP API of a server of our own, beside the same questions asked of the raw tables.
"""

import argparse
import asyncio
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from zoneinfo import ZoneInfo

import aiohttp
import psycopg
import uvloop

from api.organizations.demo import ensure_demo
from benchmarks.measures import percentile
from benchmarks.servers import Server, limitless_server
from benchmarks.tables import Table, ratio
from core.database import Database
from core.database.embedded import EmbeddedPostgres
from core.database.migrations import migrate

CONVERSATIONS = 1_000_000
FEW = 20_000
ASKED = 100
OWNER = {"email": "owner@example.com", "password": "Correct-Horse-7"}
ROUTES = {
    "dashboard, 30 days": ("/api/analytics/dashboard", "", 29),
    "its largest campaign, a year": ("/api/campaigns/BENCH1/analytics", "camp_1", 365),
}
"""Address, which campaign's rows it is about, and how many days before today."""
_SALES, _RAW = (Path(__file__).with_name(name) for name in ("sales.sql", "raw_figures.sql"))
_TURN = (
    "update conversations set total_messages = total_messages + 2, total_turns = total_turns + 1,"
    " last_message_at = now(), open_field = 'monthly_revenue',"
    " fields = fields || jsonb_build_object('benchmark', %(n)s::integer)"
    " where id = 'lead-x-' || lpad(to_hex(%(n)s::integer), 8, '0')"
)
_LEGEND = """\
raw tables: the same counts without the roll-ups, without HTTP and row-level security. A turn's commit:
the update of its conversation, with the triggers that count and without.
"""


def main(args: argparse.Namespace) -> None:
    """Measure and print."""
    uvloop.run(_measure(FEW if args.quick else CONVERSATIONS, 1 if args.quick else 3))


async def _measure(conversations: int, raw_rounds: int) -> None:
    with TemporaryDirectory(prefix="bench-") as folder:
        postgres = EmbeddedPostgres(Path(folder))
        uri = await asyncio.to_thread(postgres.start)
        conninfo = psycopg.conninfo.make_conninfo(uri, dbname="analytics")
        try:
            with psycopg.connect(uri, autocommit=True) as connection:
                connection.execute("create database analytics")
            await asyncio.to_thread(migrate, conninfo)
            organization_id, playbook_id = await make_owner(conninfo)
            began = perf_counter()
            await asyncio.to_thread(fill, conninfo, organization_id, playbook_id, conversations)
            print(f"{conversations:,} conversations made in {perf_counter() - began:.0f} s")
            print()
            await _compare(conninfo, Path(folder), conversations, raw_rounds)
        finally:
            postgres.stop()


async def make_owner(conninfo: str) -> tuple[str, str]:
    """The demo organization: its id, and its playbook's."""
    database = Database(conninfo, size=2)
    await database.open()
    await ensure_demo(database, OWNER["email"], OWNER["password"])
    await database.close()
    with psycopg.connect(conninfo) as connection:
        row = connection.execute("select organization_id, id from public.playbooks").fetchone()
    assert row is not None
    return row[0], row[1]


async def _compare(conninfo: str, folder: Path, conversations: int, raw_rounds: int) -> None:
    unlimited = {"RATE_LIMIT_CAMPAIGNS": "", "RATE_LIMIT_ANALYTICS": ""}
    server = limitless_server(folder / "data", {"DATABASE_URL": conninfo, **unlimited})
    table = Table(f"{conversations:,} conversations, ms", ("median", "p95", "raw tables", "ratio"))
    try:
        await server.ready()
        for name, (path, campaign_id, days) in ROUTES.items():
            times = await _through_http(server, path)
            raw = await asyncio.to_thread(_of_raw_tables, conninfo, campaign_id, days, raw_rounds)
            table.row(
                name,
                f"{median(times):.1f}",
                f"{percentile(times, 0.95):.1f}",
                f"{raw:,.0f}",
                ratio(median(times), raw),
            )
    finally:
        server.stop()
    table.print()
    counted, bare = await asyncio.to_thread(_turns, conninfo)
    table = Table("a turn's commit, ms", ("median", "p95"))
    table.row("counted", f"{median(counted):.2f}", f"{percentile(counted, 0.95):.2f}")
    table.row("without triggers", f"{median(bare):.2f}", f"{percentile(bare, 0.95):.2f}")
    table.print()
    print(_LEGEND)


async def _through_http(server: Server, path: str) -> list[float]:
    async with aiohttp.ClientSession(f"http://127.0.0.1:{server.port}") as http:
        async with http.post("/api/v1/auth/login", json=OWNER) as answer:
            token = (await answer.json())["access_token"]
        times = []
        for _ in range(ASKED + 5):
            began = perf_counter()
            async with http.get(path, headers={"Authorization": f"Bearer {token}"}) as answer:
                body = await answer.json()
                assert answer.status == 200, body
            times.append((perf_counter() - began) * 1000)
    assert body["metrics"]["total_conversations"] > 0
    return times[5:]


def _of_raw_tables(conninfo: str, campaign_id: str, days: int, rounds: int) -> float:
    midnight = datetime.now(ZoneInfo("Europe/Berlin")).replace(hour=0, minute=0, second=0, microsecond=0)
    times = []
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute("set search_path = public")
        _set(connection, campaign=campaign_id, since=(midnight - timedelta(days=days)).isoformat())
        for _ in range(rounds):
            began = perf_counter()
            connection.execute(_RAW.read_bytes())
            times.append((perf_counter() - began) * 1000)
    return median(times)


def fill(conninfo: str, organization_id: str, playbook_id: str, conversations: int) -> None:
    """Give an organization a year with so many conversations, of ten messages each."""
    with psycopg.connect(conninfo, autocommit=True) as connection:
        _set(connection, organization=organization_id, playbook=playbook_id, conversations=str(conversations))
        connection.execute(_SALES.read_bytes())
        connection.execute("vacuum analyze")


def _set(connection: psycopg.Connection, **settings: str) -> None:
    for name, value in settings.items():
        connection.execute("select set_config(%s, %s, false)", (f"bench.{name}", value))


def _turns(conninfo: str) -> tuple[list[float], list[float]]:
    """Milliseconds of commits with the triggers and without, alternating; the first ones are left out."""
    counted: list[float] = []
    bare: list[float] = []
    with (
        psycopg.connect(conninfo, autocommit=True, options="-c search_path=public") as one,
        psycopg.connect(
            conninfo, autocommit=True, options="-c search_path=public -c session_replication_role=replica"
        ) as other,
    ):
        for n in range(1, 401):
            for connection, times, conversation in ((one, counted, 2 * n), (other, bare, 2 * n + 1)):
                began = perf_counter()
                connection.execute(_TURN, {"n": conversation})
                times.append((perf_counter() - began) * 1000)
    return counted[20:], bare[20:]
