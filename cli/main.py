"""The commands, each a module of its own; nothing heavy is imported before one is chosen."""

from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup

from cli.installation import faults_in_a_sentence
from core.settings import get_settings

COMMANDS = {
    "serve": "cli.serve:serve",
    "worker": "cli.worker:worker",
    "migrate": "cli.migrate:migrate_command",
    "openapi": "cli.openapi:openapi",
    "doctor": "cli.doctor:doctor",
    "demo": "cli.demo:demo",
    "report": "cli.report.command:report",
    "chat": "cli.chat:chat",
    "ingest": "cli.ingest:ingest",
    "reembed": "cli.reembed:reembed_command",
    "superadmin": "cli.accounts:superadmin",
    "audit": "cli.audit:app",
    "vault": "cli.vault:app",
}


class _OnDemand(TyperGroup):
    """Finds a command when somebody asks for it, all of them when somebody asks for help."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name].partition(":")
        found = getattr(import_module(module), attribute)
        if not isinstance(found, typer.Typer):
            alone = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
            alone.command(cmd_name)(found)
            found = alone
        return typer.main.get_command(found)


app = typer.Typer(
    cls=_OnDemand,
    name="limitless",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


@app.callback()
def settings_can_be_read() -> None:
    """A sales agent that talks."""
    with faults_in_a_sentence():
        get_settings()
