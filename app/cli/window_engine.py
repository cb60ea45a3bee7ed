"""``mailyard engine run --for-window``: the engine as a window begins it, which ends after the last window."""

from __future__ import annotations

import gc
import logging
import sys
from importlib import import_module
from typing import TYPE_CHECKING

from app.cli.output import Exit, give_up, tell
from app.cli.session import CommandSession, opened
from app.shell.session.settings import SettingsFile
from backend.core.errors import MailyardError, StoreError
from backend.core.present.text import activate
from backend.engine.control import TOLD, UNNEEDED, ControlFile
from backend.engine.control_server import ControlServer
from backend.engine.last_window import LastWindow, WorkUnderWay

if TYPE_CHECKING:
    import threading

    from app.cli.options import Options
    from backend.demo_installation import Demo

log = logging.getLogger(__name__)

LOOK_S = 0.5
OF_THE_ENGINE = ("numpy", "backend.engine.engine", "backend.engine.probes", "backend.monitoring.probes")
SWITCH_S = 0.001  # of many threads that wait, none is long behind one that reckons
ROLE = "console"


def run_for_windows(options: Options, ended: threading.Event, *, is_demo: bool) -> None:
    """Be the engine until ``ended``, or until no window is left and nothing is under way.

    The control channel is there first: a window that closes while much is being opened is heard. What is written for a
    person is in the window's language.
    """
    gc.disable()  # until all is imported, which stays
    sys.setswitchinterval(SWITCH_S)
    activate(SettingsFile(options.folder.settings).now.language)
    demo = _demo(options) if is_demo else None
    file = ControlFile.of(options.folder.root, options.database_url)
    control = ControlServer(file, take_key=options.passphrase.give, speak=activate, end=ended.set)
    try:
        control.open()
    except OSError as error:
        give_up(Exit.FAILED, f"The engine cannot listen for its window: {error.strerror or error}")
    try:
        with opened(options, demo=demo, log_name="engine") as session:
            _begin(session, control)
            if demo is not None:
                _fill_in(demo, session)
            control.stop(_stay(session, control, ended))  # whoever comes now begins another one
    finally:
        control.close()


def _begin(session: CommandSession, control: ControlServer) -> None:
    """Become the engine, or stand by until a command that is it has ended."""

    def tell_all(is_engine: bool) -> None:
        tell("engine running" if is_engine else "the database is out of reach: no step begins until it is back")
        control.tell_running(is_engine)

    installation = session.installation
    installation.when_engine = tell_all
    if not installation.become_engine(ROLE):
        installation.stand_by(ROLE)
    installation.watcher.start()
    gc.enable()
    gc.freeze()


def _stay(session: CommandSession, control: ControlServer, ended: threading.Event) -> str:
    """Why it ends, when it does."""
    settings = session.options.folder.settings

    def is_busy() -> bool:
        try:
            return session.is_engine and session.ask(WorkUnderWay(session.installation.secrets.is_locked)) > 0
        except StoreError:
            return True  # nobody can tell: asked again

    last = LastWindow(keeps=lambda: SettingsFile(settings).now.keep_engine, is_busy=is_busy)
    while not ended.wait(LOOK_S):
        if last.is_over(control.windows, last_leave=control.last_leave):
            log.info("No window is left and nothing is under way: the engine ends")
            return UNNEEDED
    return TOLD


def _demo(options: Options) -> Demo:
    """What an engine imports is imported before its window has prepared the folder."""
    from backend.demo_installation import Demo

    for name in OF_THE_ENGINE:
        import_module(name)
    return Demo(options.folder)


def _fill_in(demo: Demo, session: CommandSession) -> None:
    """The demo's past, seconds of work: without it charts begin today, and the next start tries again."""
    try:
        demo.fill_in(session.installation)
    except MailyardError as error:
        log.warning("The demo's past was not written: %s", error.sentence())
