"""The commands of ``mailyard``; no command at all opens the window."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from app.cli import accounts, doctor, engine, jobs, metrics, network, orphans, providers, servers
from app.cli.faults import watch_for_faults
from app.cli.options import Options, PassphraseSource, checked_database_url
from app.cli.output import CODES
from app.cli.window import open_window
from backend.core.paths import demo_data_folder

app = typer.Typer(no_args_is_help=False, add_completion=False, pretty_exceptions_enable=False)
app.add_typer(engine.app, name="engine", help="The headless engine.")
app.add_typer(jobs.app, name="jobs", help="What the program does, did, and waits for.")
app.add_typer(accounts.app, name="account", help="Accounts at providers.")
app.add_typer(providers.app, name="provider", help="What each cloud can and cannot do.")
servers.app.add_typer(network.address, name="address")
servers.app.add_typer(network.firewall, name="firewall")
servers.app.command("usage")(network.usage)
app.add_typer(servers.app, name="server", help="Servers.")
app.command("metrics")(metrics.metrics)
app.command("orphans")(orphans.orphans)
app.command("doctor")(doctor.doctor)


def run() -> int:
    """Carry the command line out; the exit code."""
    watch_for_faults()
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]  # a terminal that knows no such letter
    # Not through Typer's own call: its hook for exceptions prints more than the place.
    code = typer.main.get_command(app).main(prog_name="mailyard", standalone_mode=True)
    return int(code or 0)


@app.callback(invoke_without_command=True, epilog=f"Exit codes: {CODES}.")
def mailyard(
    context: typer.Context,
    data_dir: Annotated[Path | None, typer.Option(help="Folder of databases, secrets and logs.")] = None,
    passphrase_fd: Annotated[int | None, typer.Option(help="Read the secret store's passphrase from here.")] = None,
    database_url: Annotated[
        str | None, typer.Option(envvar="MAILYARD_DATABASE_URL", help="postgresql://... instead of SQLite.")
    ] = None,
    demo: Annotated[bool, typer.Option("--demo", help="The demo fleet: no account, no network, nothing real.")] = False,
    wait: Annotated[float, typer.Option(min=0, help="Follow a job for at most so many seconds.")] = 3600.0,
) -> None:
    """Mailyard runs your clients' e-mail servers. Without a command it opens the console."""
    if demo and (database_url or context.invoked_subcommand is not None):
        raise typer.BadParameter("--demo opens the demo's window, and takes neither a command nor a database URL.")
    folder = demo_data_folder() if demo and data_dir is None else data_dir
    context.obj = Options(folder, checked_database_url(database_url), wait, PassphraseSource(passphrase_fd))
    if context.invoked_subcommand is None:
        raise typer.Exit(open_window(context.obj.folder, is_demo=demo))
