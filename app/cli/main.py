"""The commands of ``mailyard``; no command at all opens the window."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.cli import accounts, doctor, engine, jobs, servers
from app.cli.session import Options

app = typer.Typer(no_args_is_help=False, add_completion=False, pretty_exceptions_enable=False)
app.add_typer(engine.app, name="engine", help="The headless engine.")
app.add_typer(jobs.app, name="jobs", help="What the program does, did, and waits for.")
app.add_typer(accounts.app, name="account", help="Accounts at providers.")
app.add_typer(servers.app, name="server", help="Servers.")
app.command("metrics")(servers.metrics)
app.command("doctor")(doctor.doctor)

HELP_END = "Exit codes: 0 done, 1 failed, 2 wrong usage, 3 waits for you, 4 no database, 5 not found, 6 refused."


@app.callback(invoke_without_command=True, epilog=HELP_END)
def mailyard(
    context: typer.Context,
    data_dir: Annotated[Path | None, typer.Option(help="Folder of databases, secrets and logs.")] = None,
    passphrase_fd: Annotated[int | None, typer.Option(help="Read the secret store's passphrase from here.")] = None,
    database_url: Annotated[
        str | None, typer.Option(envvar="MAILYARD_DATABASE_URL", help="postgresql://... instead of SQLite.")
    ] = None,
) -> None:
    """Mailyard runs your clients' e-mail servers. Without a command it opens the console."""
    context.obj = Options(data_dir, passphrase_fd, database_url)
    if context.invoked_subcommand is None:
        from app.application import open_console

        raise typer.Exit(open_console(context.obj.folder))
