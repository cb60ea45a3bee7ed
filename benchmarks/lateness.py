"""Lateness of the GUI thread: ``python -m benchmarks.lateness [MINUTES] [SERVERS]``.

An empty Qt loop first, then the console over SERVERS servers (1 000) whose engine runs in the same process, on a
virtual screen: every probe logs in to a real sshd by SSH, twenty jobs are always under way at an emulated provider (a
process of its own), a live view is open, and pages are turned every few seconds. Each excess over 16 ms is attributed.
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
        for kind in ("empty", "console"):
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


def console(minutes: float, servers: int) -> None:
    from benchmarks.sshd import sshd
    from tests.emulators.process import Emulator

    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        emulator = Emulator(folder / "emulator")
        try:
            with sshd(folder) as server:
                _prepare(folder / "data", servers, server)
                _run(folder / "data", minutes, emulator, Loopback(server.port))
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


def _run(data: Path, minutes: float, emulator: Any, endpoint: Loopback) -> None:
    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QApplication

    from benchmarks.heartbeat import Heartbeat, Witness
    from tests.app.window import close_console, open_console
    from tests.installation import choices

    application = QApplication(["console"])
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
    print(f"console:    {heart.figures()}, {work.ordered} jobs", flush=True)
    for place, count in witness.seen.most_common(12):
        print(f"  {count:5} over 16 ms in {place}", flush=True)
    close_console(opened)


class Work:
    """What goes on in the console meanwhile."""

    def __init__(self, opened: Any, emulator: Any) -> None:
        from backend.core.secrets.values import Secret
        from backend.store.scope import AGENCY

        self._opened, self._emulator = opened, emulator
        self._turns = 0
        self.ordered = 0
        self._accounts = [uuid4() for _number in range(JOBS)]
        self._ref = opened.installation.client.keep_secret_now("api_keys", AGENCY, Secret(emulator.token))
        for number, account in enumerate(self._accounts):
            self._wish("account.add", account, name=f"Account {number}", provider="digitalocean")

    def turn(self) -> None:
        """Servers for three turns, then Activity."""
        self._turns += 1
        self._opened.window.go_to("activity" if self._turns % 4 == 0 else "servers")

    def order(self) -> None:
        """Wish again for each account whose job has ended, so that twenty are always under way."""
        from sqlalchemy import select

        from backend.store.schema.operations import Job
        from backend.store.scope import ENGINE_SCOPE

        with self._opened.installation.store.read(ENGINE_SCOPE) as session:
            busy = set(session.scalars(select(Job.about_id).where(Job.ended_at.is_(None))))
        for number, account in enumerate(self._accounts):
            if account not in busy and self._turns:
                self._wish("account.verify" if number % 2 else "inventory.refresh", account)

    def _wish(self, kind: str, account: Any, **more: Any) -> None:
        from backend.engine.wishes import Wish
        from backend.store.scope import AGENCY

        payload = {"account_id": str(account), "secret_ref": self._ref.path, "endpoint_url": self._emulator.url}
        self._opened.installation.client.submit(Wish(AGENCY, kind, payload | more, "benchmark"))
        self.ordered += 1


if __name__ == "__main__":
    words = sys.argv[1:]
    if words and words[0] in ("empty", "console"):
        {"empty": empty, "console": console}[words[0]](float(words[1]), int(words[2]))
    else:
        main(float(words[0]) if words else MINUTES, int(words[1]) if len(words) > 1 else SERVERS)
