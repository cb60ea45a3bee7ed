"""The commands of ``mailyard``; no command at all opens the window."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from app.cli import (
    accounts,
    aliases,
    app_tokens,
    attention,
    dmarc,
    dnsbl,
    doctor,
    domains,
    engine,
    jobs,
    mail,
    mail_adopting,
    mail_changes,
    mail_outside,
    mailboxes,
    metrics,
    network,
    orphans,
    providers,
    record,
    relays,
    schedules,
    secrets,
    secrets_anew,
    secrets_renewal,
    server_check,
    server_key,
    server_notes,
    servers,
    spf,
)
from app.cli.faults import takes_no_output, tell_lost_output, watch_for_faults
from app.cli.options import Options, PassphraseSource, checked_data_dir, checked_database_url
from app.cli.output import CODES, Exit, say
from app.cli.versions import version_of_ours
from app.cli.window import open_window

app = typer.Typer(no_args_is_help=False, add_completion=False, pretty_exceptions_enable=False)
app.add_typer(engine.app, name="engine", help="The headless engine.")
app.add_typer(jobs.app, name="jobs", help="Jobs: running, finished, awaiting approval.")
app.add_typer(schedules.app, name="schedules", help="What runs on a schedule.")
app.add_typer(accounts.app, name="account", help="Provider accounts.")
app.add_typer(providers.app, name="provider", help="Features of each provider.")
app.add_typer(secrets.app, name="secrets", help="The secret store.")
servers.app.add_typer(network.address, name="address")
servers.app.add_typer(network.firewall, name="firewall")
servers.app.command("usage")(network.usage)
for command in (server_check.check, server_notes.tag, server_notes.note, server_notes.maintenance):
    servers.app.command(command.__name__)(command)
servers.app.command("rotate-key")(server_key.rotate_key)
app.add_typer(servers.app, name="server", help="Servers.")
mail.app.command("look")(mail_adopting.look)
mail.app.command("adopt")(mail_adopting.adopt)
secrets.app.command("renewal")(secrets_renewal.renewal)
secrets.app.command("begin-anew")(secrets_anew.begin_anew)
mail.app.command("outside")(mail_outside.outside)
mail.app.add_typer(mail_changes.app)
app.add_typer(mail.app, name="mail", help="Mail servers.")
app.add_typer(domains.app, name="domain", help="Mail domains.")
app.add_typer(mailboxes.app, name="mailbox", help="Mailboxes.")
app.add_typer(app_tokens.app, name="app-token", help="App tokens of mailboxes.")
app.add_typer(aliases.app, name="alias", help="Aliases.")
app.add_typer(relays.app, name="relay", help="Domains whose mail is handed on.")
app.add_typer(spf.app, name="spf", help="SPF, as receivers evaluate it.")
app.add_typer(record.app, name="record", help="Records of mail authentication.")
app.add_typer(dmarc.app, name="dmarc", help="What DMARC makes of a message.")
app.add_typer(dnsbl.app, name="dnsbl", help="Blocklists of addresses and domains.")
app.command("metrics")(metrics.metrics)
app.command("needs")(attention.needs)
app.command("news")(attention.news)
app.command("orphans")(orphans.orphans)
app.command("doctor")(doctor.doctor)


def run() -> int:
    """Carry the command line out; the exit code."""
    watch_for_faults()
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]  # a terminal that knows no such letter
    try:
        return _carried_out()
    except OSError as error:
        if not takes_no_output():
            raise
        tell_lost_output(error)
        return Exit.FAILED


def _carried_out() -> int:
    """
    :raises OSError: among others where the output cannot be written.
    """
    try:
        # Not through Typer's own call: its hook for exceptions prints more than the place.
        return int(typer.main.get_command(app).main(prog_name="mailyard", standalone_mode=True) or 0)
    finally:
        sys.stdout.flush()


def _tell_version(is_wished: bool) -> None:
    if is_wished:
        say(f"mailyard {version_of_ours()}")
        raise typer.Exit


@app.callback(invoke_without_command=True, epilog=f"Exit codes: {CODES}.")
def mailyard(
    context: typer.Context,
    data_dir: Annotated[
        Path | None,
        typer.Option(parser=checked_data_dir, metavar="PATH", help="Folder of databases, secrets and logs."),
    ] = None,
    passphrase_fd: Annotated[
        int | None, typer.Option(help="File descriptor to read the secret store's passphrase from.")
    ] = None,
    database_url: Annotated[
        str | None, typer.Option(envvar="MAILYARD_DATABASE_URL", help="postgresql://... instead of SQLite.")
    ] = None,
    demo: Annotated[bool, typer.Option("--demo", help="The demo fleet: no account, no network, nothing real.")] = False,
    version: Annotated[  # noqa: ARG001 - carried out by its callback
        bool, typer.Option("--version", callback=_tell_version, is_eager=True, help="Show the version.")
    ] = False,
    wait: Annotated[float, typer.Option(min=0, help="Follow a job for at most so many seconds.")] = 3600.0,
) -> None:
    """Mailyard runs your clients' e-mail servers. Without a command it opens the console."""
    source = context.get_parameter_source("database_url")
    is_url_given = source is not None and source.name == "COMMANDLINE"
    if demo and (is_url_given or context.invoked_subcommand is not None):
        raise typer.BadParameter("--demo opens the demo's window, and takes neither a command nor a database URL.")
    if context.invoked_subcommand is None and passphrase_fd is not None:
        raise typer.BadParameter("--passphrase-fd goes with a command; the window asks for the passphrase itself.")
    url = None if demo else checked_database_url(database_url)
    context.obj = Options(data_dir, url, wait, PassphraseSource(passphrase_fd))
    if context.invoked_subcommand is None:
        raise typer.Exit(open_window(data_dir, database_url=url, is_demo=demo))
