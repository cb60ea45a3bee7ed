"""``mailyard engine``: the engine without a window."""

from __future__ import annotations

import signal
import threading

import typer

from app.cli.options import Options
from app.cli.output import Exit, give_up, tell
from app.cli.session import CommandSession, opened
from backend.core.errors import SecretStoreLocked

app = typer.Typer(no_args_is_help=True)


@app.command()
def run(context: typer.Context) -> None:
    """Be the engine of this data folder until SIGTERM or Ctrl+C."""
    options: Options = context.obj
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    with opened(options) as session:
        _refuse_a_second(session)
        locked = _try_secrets(session)
        if not session.installation.become_engine("headless"):
            _refuse_a_second(session)
            give_up(Exit.REFUSED, "Another process became the engine meanwhile.")
        session.installation.watcher.start()
        tell("engine running")
        if locked:
            tell(locked)
        ended.wait()


def _refuse_a_second(session: CommandSession) -> None:
    holder = session.presence().holder
    if holder is not None:
        give_up(
            Exit.REFUSED,
            f"Another process is the engine already: the {holder.role or 'other one'}, process {holder.pid}. "
            "Commands and windows beside it work; end it first if this one shall take its place.",
        )


def _try_secrets(session: CommandSession) -> str:
    """A passphrase that was given must open the store; without one the engine runs, and says what it cannot do."""
    try:
        session.open_secrets()
    except SecretStoreLocked as error:
        if session.options.passphrase.is_given:
            raise
        return f"{error.sentence()} Jobs that need a token or an SSH key wait until then."
    return ""
