"""`limitless audit`: looking after the audit's chains."""

import asyncio

import typer

from cli.installation import database_in_use, faults_in_a_sentence
from core.database import Claims, Database
from core.settings import get_settings

app = typer.Typer(help="The audit's chains.", no_args_is_help=True, add_completion=False)


@app.callback()
def audit() -> None:
    """The audit's chains."""


@app.command()
def verify() -> None:
    """Recompute every chain; ends with 1 when a row is missing or was changed."""
    with faults_in_a_sentence(), database_in_use(get_settings()) as conninfo:
        events, faults = asyncio.run(_verify(conninfo))
    for chain, seq, fault in faults:
        print(f"{chain} {seq}: {fault}")
    if faults:
        raise SystemExit(1)
    print(f"{events} events, every chain holds.")


async def _verify(conninfo: str) -> tuple[int, list[tuple[str, int, str]]]:
    database = Database(conninfo, size=2)
    await database.open()
    try:
        counted = await database.fetch(Claims.for_maintenance(), "select count(*) as n from audit_events")
        rows = await database.fetch(Claims.for_maintenance(), "select * from app.audit_faults()")
    finally:
        await database.close()
    return counted[0]["n"], [(row["chain"], row["seq"], row["fault"]) for row in rows]
