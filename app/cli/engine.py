"""``mailyard engine``: the engine without a window."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.options import Options
from app.cli.output import AsJson, Exit, give_up, say, show_json, tell
from app.cli.session import LOOK_EVERY_S, ROLE, CommandSession, agency, described, opened
from backend.core.errors import SecretStoreLocked

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backend.engine.lock import Holder
    from backend.engine.unfinished import HalfWay

STOP_S, LOOK_S = 30.0, 1.0

app = typer.Typer(no_args_is_help=True)


@app.command()
def status(context: typer.Context, as_json: AsJson = False) -> None:
    """Show which process is the engine of this database."""
    with opened(context.obj) as session:
        holder = session.presence().holder
    if as_json:
        show_json({"is_running": holder is not None, "engine": holder})
    else:
        since = f", since {holder.since}" if holder is not None and holder.is_known else ""
        say(f"engine: {described(holder)}{since}" if holder else "engine: not running")


@app.command()
def run(
    context: typer.Context,
    wait: Annotated[bool, typer.Option("--wait", help="Wait until another engine has stopped.")] = False,
    for_window: Annotated[bool, typer.Option("--for-window", hidden=True)] = False,
    for_demo: Annotated[bool, typer.Option("--for-demo", hidden=True)] = False,
) -> None:
    """Run the engine of this database until SIGTERM or Ctrl+C."""
    options: Options = context.obj
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    if for_window:
        from app.cli.window_engine import run_for_windows

        return run_for_windows(options, ended, is_demo=for_demo)
    with opened(options) as session:
        if not wait:
            _refuse_a_second(session)
        locked = _try_secrets(session)
        _begin(session, waits=wait)
        if locked:
            tell(locked)
        while not ended.wait(LOOK_S):  # the system may give a signal to another thread, which does not wake this one
            pass


@app.command()
def stop(context: typer.Context, as_json: AsJson = False) -> None:
    """Stop the engine of this database in order: jobs stop at a safe point, the next engine continues them."""
    options: Options = context.obj
    with opened(options) as session:
        holder = session.presence().holder
        if holder is not None:
            _end(session, holder)
        half_way = _half_way(session)
    if as_json:
        show_json({"stopped": holder is not None, "engine": holder, "half_way": half_way})
    else:
        say(f"engine: stopped {described(holder)}" if holder else "engine: not running")
        for each in half_way:
            tell(f"{each.about}: {each.title}: it is half-way, mail may stand still there until an engine runs again.")


def _half_way(session: CommandSession) -> Sequence[HalfWay]:
    """What must not stay as it stands."""
    from backend.engine.unfinished import UnfinishedJobs

    return session.ask(UnfinishedJobs(agency(), session.installation.kinds)).half_way


def _end(session: CommandSession, holder: Holder) -> None:
    """Ask it to end, and wait until it has."""
    _ask_to_end(holder, session.options)
    end = time.monotonic() + STOP_S
    while (now := session.presence().holder) is not None and now.executor == holder.executor:
        if time.monotonic() > end:
            give_up(Exit.FAILED, f"The engine did not stop within {STOP_S:.0f} s: {described(holder)}.")
        time.sleep(LOOK_EVERY_S)


def _ask_to_end(holder: Holder, options: Options) -> None:
    """By its control channel where it listens at this folder's, which Windows knows too, else by SIGTERM."""
    from backend.engine.control import END, ControlFile, Message

    if holder.is_elsewhere:
        give_up(Exit.REFUSED, f"The engine runs on another machine: {described(holder)}. End it there.")
    if holder.role == ROLE:
        give_up(Exit.REFUSED, f"A command is the engine until its job has ended: {described(holder)}.")
    file = ControlFile.of(options.folder.root, options.database_url)
    connection = file.connect_to(holder)
    if connection is not None:
        with connection, suppress(OSError):  # it ends already
            Message(END).send(connection)
    elif not file.is_ending(holder):
        _signal(holder)


def _signal(holder: Holder) -> None:
    """The engine of another folder on the same database, or one without a window."""
    if sys.platform == "win32":
        give_up(Exit.REFUSED, f"The engine has no window of this data folder: {described(holder)}. End it there.")
    try:
        os.kill(holder.pid, signal.SIGTERM)
    except ProcessLookupError:
        return  # it ended meanwhile
    except OSError as error:
        give_up(Exit.REFUSED, f"The engine may not be ended from here: {described(holder)}: {error.strerror}.")


def _begin(session: CommandSession, *, waits: bool) -> None:
    """Become the engine now, or stand by until its holder ends."""
    installation = session.installation
    installation.when_engine = _tell_of_engine
    if not installation.become_engine("headless"):
        if not waits:
            _refuse_a_second(session)
            give_up(Exit.REFUSED, "Another process became the engine meanwhile.")
        holder = session.presence().holder
        tell(f"waiting for the engine to stop: {described(holder) if holder else 'another process'}")
        installation.stand_by("headless")
    installation.watcher.start()


def _tell_of_engine(is_engine: bool) -> None:
    tell("engine running" if is_engine else "the database is out of reach: no step begins until it is back")


def _refuse_a_second(session: CommandSession) -> None:
    holder = session.presence().holder
    if holder is not None:
        give_up(
            Exit.REFUSED,
            f"Another process is the engine already: {described(holder)}. Commands and windows beside it work; "
            "end it first if this one shall take its place, or wait for its end with --wait.",
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
