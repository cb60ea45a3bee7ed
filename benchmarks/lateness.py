"""Lateness of the GUI thread: ``python -m benchmarks.lateness [MINUTES] [SERVERS]``.

An empty Qt loop first, then the console over SERVERS servers (1 000), on a virtual screen: with its engine beside it,
as the program has it, and for comparison in the same process. Every probe logs in to a real sshd by SSH, twenty jobs
are always under way at an emulated provider (a process of its own), a live view is open, and pages are turned every few
seconds. Each excess over 16 ms is attributed; the memory of both is told at the end.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from benchmarks.screen import screen

ROOT = Path(__file__).parents[1]
MINUTES, SERVERS, JOBS = 10.0, 1000, 20
TURN_MS, JOB_MS = 4000, 500


@dataclass(frozen=True)
class Loopback:
    """An endpoint map: every server's SSH is the one sshd."""

    port: int

    def address(self, _host: str, _service: str) -> tuple[str, int]:
        return "127.0.0.1", self.port


def main(minutes: float, servers: int) -> None:
    with screen() as eye:
        environment = {**os.environ, "DISPLAY": eye.display, "QT_QPA_PLATFORM": "xcb"}
        for kind in ("empty", "beside", "within"):
            command = [sys.executable, "-m", "benchmarks.lateness", kind, str(minutes), str(servers)]
            subprocess.run(command, cwd=ROOT, env=environment, timeout=minutes * 60 + 180, check=True)


def empty(minutes: float, _servers: int) -> None:
    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QApplication

    from benchmarks.heartbeat import Heartbeat

    application = QApplication(["empty"])
    heart = Heartbeat()
    QTimer.singleShot(int(minutes * 60_000), application.quit)
    application.exec()
    print(f"empty loop: {heart.figures()}", flush=True)


def console(minutes: float, servers: int, *, is_beside: bool) -> None:
    from benchmarks.sshd import sshd
    from tests.emulators.process import Emulator

    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        emulator = Emulator(folder / "emulator")
        try:
            with sshd(folder) as server:
                _prepare(folder / "data", servers, server)
                _run(folder / "data", minutes, emulator, Loopback(server.port), is_beside=is_beside)
        finally:
            emulator.close()


def _prepare(data: Path, servers: int, sshd_of: Any) -> None:
    from sqlalchemy import update

    from backend.core.secrets.values import SecretRef
    from backend.store.schema.fleet import Server
    from backend.store.scope import ENGINE_SCOPE
    from benchmarks.console import prepare
    from tests.installation import open_installation

    prepare(data, servers)
    installation = open_installation(data)
    installation.secrets.keep(SecretRef("vps/benchmark"), sshd_of.login.private)
    values: Mapping[str, Any] = {"host_key": sshd_of.host_public, "ssh_key_ref": "vps/benchmark", "power": "on"}
    with installation.store.write(ENGINE_SCOPE) as session:
        session.execute(update(Server).values(**values, life="active", health="ok"))
    installation.close()


def _run(data: Path, minutes: float, emulator: Any, endpoint: Loopback, *, is_beside: bool) -> None:
    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QApplication

    from benchmarks.beside import open_with_engine
    from benchmarks.heartbeat import Heartbeat, Witness
    from tests.app.window import close_console, open_console
    from tests.installation import choices

    application = QApplication(["console"])
    if is_beside:
        opened = open_with_engine(application, data, endpoint.port)
    else:
        opened = open_console(application, data, choices(endpoint=endpoint), owns_process=True)
    heart = Heartbeat()
    witness = Witness(heart)
    work = Work(opened, emulator)
    turning, jobs = QTimer(), QTimer()
    turning.timeout.connect(work.turn)
    jobs.timeout.connect(work.order)
    turning.start(TURN_MS)
    jobs.start(JOB_MS)
    QTimer.singleShot(int(minutes * 60_000), application.exit)  # quit would ask the window, which has jobs running
    application.exec()
    witness.close()
    words = "engine beside" if is_beside else "engine within"
    print(f"{words}: {heart.figures()}, {work.ordered} jobs; {_memory(opened)}", flush=True)
    for place, count in witness.seen.most_common(12):
        print(f"  {count:5} over 16 ms in {place}", flush=True)
    close_console(opened)


def _memory(opened: Any) -> str:
    from benchmarks.beside import memory_mb

    holder = opened.installation.lock.living_holder()
    pids = {os.getpid(), *([holder.pid] if holder is not None else [])}
    found = [memory_mb(pid) for pid in sorted(pids)]
    each = " + ".join(f"{resident:.0f}" for resident, _share in found)
    return f"resident {each} MB, together {sum(share for _resident, share in found):.0f} MB"


class Work:
    """What goes on in the console meanwhile."""

    def __init__(self, opened: Any, emulator: Any) -> None:
        from backend.accounts.requests import AddAccount
        from backend.core.secrets.values import Secret
        from backend.store.scope import AGENCY

        self._opened, self._emulator = opened, emulator
        self._turns = 0
        self.ordered = 0
        self._accounts = [uuid4() for _number in range(JOBS)]
        self._ref = opened.installation.client.keep_secret_now("api_keys", AGENCY, Secret(emulator.token))
        for number, account in enumerate(self._accounts):
            self._request(AddAccount(account, f"Account {number}", "digitalocean", self._ref.path, self._emulator.url))

    def turn(self) -> None:
        """Servers for three turns, then Activity."""
        self._turns += 1
        self._opened.window.go_to("activity" if self._turns % 4 == 0 else "servers")

    def order(self) -> None:
        """Request again for each account whose job has ended, so that twenty are always under way."""
        from sqlalchemy import select

        from backend.accounts.requests import VerifyAccount
        from backend.fleet.requests import RefreshInventory
        from backend.store.schema.operations import Job
        from backend.store.scope import ENGINE_SCOPE

        with self._opened.installation.store.read(ENGINE_SCOPE) as session:
            busy = set(session.scalars(select(Job.about_id).where(Job.ended_at.is_(None))))
        for number, account in enumerate(self._accounts):
            if account not in busy and self._turns:
                self._request(VerifyAccount(account) if number % 2 else RefreshInventory(account))

    def _request(self, request: Any) -> None:
        from backend.store.scope import AGENCY

        self._opened.installation.client.submit(AGENCY, request, author="benchmark")
        self.ordered += 1


if __name__ == "__main__":
    words = sys.argv[1:]
    if words and words[0] == "empty":
        empty(float(words[1]), int(words[2]))
    elif words and words[0] in ("beside", "within"):
        console(float(words[1]), int(words[2]), is_beside=words[0] == "beside")
    else:
        main(float(words[0]) if words else MINUTES, int(words[1]) if len(words) > 1 else SERVERS)
