"""python -m tests.kills.engine_process FILE: engines as processes that can be killed, or kill themselves at a moment.

One command line on standard input is one engine: the process that reads it has everything imported and forks, so that
a kill costs no start of an interpreter. It prints ``forked PID``, the fork prints ``engine`` when it takes work; the
fork ends when it is killed, on SIGTERM in good order (then it prints ``closed``), or with the process that forked it,
which prints ``ended PID CODE``, the code negative where a signal ended it. On SIGUSR1, and where it crashes, each of
them appends to FILE where its threads stand.
"""

from __future__ import annotations

import argparse
import ctypes
import faulthandler
import os
import select
import shlex
import signal
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import event

from backend.bootstrap import Installation
from backend.core.clock import Clock
from backend.core.endpoint import Service
from backend.demo.fleet.endpoint import DemoEndpoint
from backend.engine import intents
from backend.engine.intents import ResourceSpec
from backend.servers.network import firewall
from backend.store.database import Store
from backend.store.schema.operations import IntentRow, Job, JobStep
from backend.store.scope import ScopedSession
from tests.installation import open_installation
from tests.kills import witness
from tests.said import say

PR_SET_PDEATHSIG = 1
#: Emulators show what was ordered at once: what they do not show after this never went out.
SHOWN_WITHIN = timedelta(seconds=2)
#: Emulators put a firewall in force at once; an engine that lives two seconds could never wait out the real ten.
SETTLE_S, TRY_EVERY_S = 0.3, 0.2


class ForgetfulJournal:
    """The control: it writes no intents and never looks."""

    def __init__(self, _store: Store, _clock: Clock) -> None:
        return

    def create_once(self, _workspace: UUID, _job_id: UUID, wanted: ResourceSpec) -> str:
        return wanted.make(uuid4())

    def intent_of(self, _workspace: UUID, _job_id: UUID, _key: str) -> UUID | None:
        return None

    def number_of(self, _workspace: UUID, _job_id: UUID, _key: str) -> str | None:
        return None

    def removed(self, _workspace: UUID, _job_id: UUID, _key: str) -> None:
        return

    never_seen = removed

    def mark(self) -> datetime:
        return datetime.now(UTC)

    def since(self, moment: datetime) -> timedelta:
        return datetime.now(UTC) - moment


class NoMachines:
    """An endpoint for servers without machines: nothing listens where it leads, and nothing leaves this computer."""

    def address(self, _host: str, _service: Service) -> tuple[str, int]:
        return "127.0.0.1", 1


def main() -> None:
    """Fork an engine for each line; tell of each how it ended."""
    with Path(sys.argv[1]).open("a") as stands:
        faulthandler.enable(stands)
        faulthandler.register(signal.SIGUSR1, stands, all_threads=True)
        _import_all()
        say("ready")
        forks: dict[int, int] = {}
        _serve(forks)
        for pidfd, pid in forks.items():
            os.kill(pid, signal.SIGKILL)
            _tell_end(pid, pidfd)


def _serve(forks: dict[int, int]) -> None:
    """Until standard input closes. ``forks``: those that live, by what is readable when they ended."""
    text = b""
    while True:
        for ready in select.select([sys.stdin, *forks], [], [])[0]:
            if ready in forks:
                _tell_end(forks.pop(ready), ready)
                continue
            heard = os.read(sys.stdin.fileno(), 4096)
            if not heard:
                return
            *lines, text = (text + heard).split(b"\n")
            for line in lines:
                pid = os.fork()
                if pid == 0:
                    _be_engine(_parser().parse_args(shlex.split(line.decode())))
                say(f"forked {pid}")
                forks[os.pidfd_open(pid)] = pid


def _tell_end(pid: int, pidfd: int) -> None:
    _pid, status = os.waitpid(pid, 0)
    os.close(pidfd)
    say(f"ended {pid} {os.waitstatus_to_exitcode(status)}")


def _be_engine(options: argparse.Namespace) -> None:
    _die_with_parent()
    intents.SHOWN_WITHIN = SHOWN_WITHIN
    firewall.SETTLE_S, firewall.TRY_EVERY_S = SETTLE_S, TRY_EVERY_S
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    if options.die_at:
        _die_at(options.die_at, options.after)
    witness.listen(Path(options.folder))
    installation = _opened(options)
    took = installation.become_engine("headless")
    say("engine" if took else "busy")
    if took:
        while not ended.wait(1.0):  # another thread may have been given the signal
            pass
    installation.close()
    say("closed")
    os._exit(0)


def _opened(options: argparse.Namespace) -> Installation:
    changes: dict[str, Any] = {"make_journal": ForgetfulJournal} if options.forgetful else {}
    if options.no_machines:
        changes["endpoint"] = NoMachines()
    if options.where:
        changes["endpoint"] = DemoEndpoint(Path(options.where))
    return open_installation(Path(options.folder), **changes)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("--forgetful", action="store_true", help="write no intents: the control")
    parser.add_argument("--no-machines", action="store_true", help="no server can be reached over SSH")
    parser.add_argument("--where", help="a file that leads to emulated hosts")
    parser.add_argument("--die-at", help="STEP:STATE, intent.KEY:STATE or job:STATE: kill -9 after that commit")
    parser.add_argument("--after", type=float, default=0.0, help="seconds between that commit and the kill")
    return parser


def _die_at(moment: str, after_s: float) -> None:
    """The process kills itself with SIGKILL as soon as a row in that state is committed."""

    def gather(session: ScopedSession, _context: object) -> None:
        rows = (*session.new, *session.dirty)
        session.info.setdefault("moments", set()).update(filter(None, map(_moment, rows)))

    def strike(session: ScopedSession) -> None:
        if moment in session.info.pop("moments", ()):
            if after_s:
                threading.Timer(after_s, _die).start()
            else:
                _die()

    event.listen(ScopedSession, "after_flush", gather)
    event.listen(ScopedSession, "after_commit", strike)


def _moment(row: object) -> str:
    if isinstance(row, JobStep):
        return f"{row.key}:{row.state}"
    if isinstance(row, IntentRow):
        return f"intent.{row.key}:{row.state}"
    if isinstance(row, Job):
        return "" if row.author.startswith("schedule") else f"job:{row.state}"
    return ""


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(60)


def _die_with_parent() -> None:
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _import_all() -> None:
    """What an engine imports late."""
    import alembic.command
    import apscheduler.schedulers.background
    import cryptography.hazmat.primitives.ciphers.aead
    import httpx
    import paramiko

    assert all((alembic, apscheduler, cryptography, httpx, paramiko))


if __name__ == "__main__":
    main()
