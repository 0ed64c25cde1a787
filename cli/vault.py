"""`limitless vault`: looking after the vault's master key."""

import asyncio

import typer

from cli.installation import database_in_use, faults_in_a_sentence
from core.database import Database
from core.settings import Settings, get_settings
from core.vault.rotation import Rotated, rotate_master

app = typer.Typer(help="The vault's master key.", no_args_is_help=True, add_completion=False)


@app.callback()
def vault() -> None:
    """The vault's master key."""


@app.command("rotate-master")
def rotate_master_command() -> None:
    """Go over to a new master key, while everything serves.

    A key in DATA_DIR is made anew. Where VAULT_MASTER_KEYS gives it, put the new one in front, restart every
    process with both, run this, and then take the old one out.
    """
    settings = get_settings()
    with faults_in_a_sentence(), database_in_use(settings) as conninfo:
        rotated = asyncio.run(_rotate(settings, conninfo))
    print(f"{rotated.done} keys are wrapped by the new master key.")
    if rotated.left:
        print(f"Not these, which cannot be opened: {', '.join(rotated.left)}. The old master key is kept.")
        raise SystemExit(1)


async def _rotate(settings: Settings, conninfo: str) -> Rotated:
    database = Database(conninfo, size=4)
    await database.open()
    try:
        return await rotate_master(database, settings)
    finally:
        await database.close()
