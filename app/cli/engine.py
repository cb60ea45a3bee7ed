"""``mailyard engine``: the engine without a window."""

from __future__ import annotations

import signal
import threading

import typer

from app.cli.output import Exit, give_up
from app.cli.session import Options, opened

app = typer.Typer(no_args_is_help=True)


@app.command()
def run(context: typer.Context) -> None:
    """Be the engine of this data folder until SIGTERM or Ctrl+C."""
    options: Options = context.obj
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    with opened(options) as session:
        installation = session.installation
        if not installation.become_engine("headless"):
            holder = installation.lock.holder()
            give_up(Exit.REFUSED, f"Another process is the engine{f' (process {holder.pid})' if holder else ''}.")
        installation.watcher.start()
        typer.echo("engine running", err=True)
        ended.wait()
