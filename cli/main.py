"""The commands, each a module of its own; nothing heavy is imported before one is chosen."""

import typer

from cli import accounts, audit, chat, demo, doctor, ingest, migrate, openapi, reembed, serve, vault, worker
from cli.installation import faults_in_a_sentence
from core.settings import get_settings

app = typer.Typer(
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


app.command("serve")(serve.serve)
app.command("worker")(worker.worker)
app.command("migrate")(migrate.migrate_command)
app.command("openapi")(openapi.openapi)
app.command("doctor")(doctor.doctor)
app.command("demo")(demo.demo)
app.command("chat")(chat.chat)
app.command("ingest")(ingest.ingest)
app.command("reembed")(reembed.reembed_command)
app.command("superadmin")(accounts.superadmin)
app.add_typer(audit.app, name="audit")
app.add_typer(vault.app, name="vault")
