"""The demo as a whole: its clouds' process, what an installation needs to reach it, its past, and its removal."""

from __future__ import annotations

import logging
import shutil
import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from backend.core.errors import MailyardError, Refused
from backend.core.present.text import _
from backend.core.private import make_folder, private, replace_file
from backend.demo.fleet.clouds import WHERE
from backend.demo.fleet.endpoint import LOOPBACK, DemoEndpoint

if TYPE_CHECKING:
    from backend.core.paths import DataFolder
    from backend.demo.fleet.context import DemoContext
    from backend.engine.lock import EngineLock

log = logging.getLogger(__name__)

READY_S, END_S = 30.0, 10.0
#: The file that makes a folder the demo's, and what it says: begun, everything but the past is there, everything is.
MARK, BEGUN, WHOLE, FILLED = "demo", "begun", "whole", "filled"
#: What an installation keeps, by the beginnings of its files' names.
OURS = ("app.db", "jobs.db", "metrics.db", "secrets.sealed")


class DemoFleet:
    """Owner of the clouds' process. :meth:`start` first, :meth:`close` last; both from the thread that opens."""

    def __init__(self, folder: DataFolder) -> None:
        self._folder = folder
        self._clouds = folder.root / "clouds"
        self._process: subprocess.Popen[str] | None = None
        self.endpoint = DemoEndpoint(self._clouds / WHERE)

    def start(self) -> None:
        """Does nothing while the clouds run.

        :raises MailyardError: they do not start.
        """
        if self._process is not None and self._process.poll() is None:
            return
        make_folder(self._clouds)
        with open(self._folder.logs / "clouds.log", "ab", opener=private) as trouble:
            self._process = subprocess.Popen(
                command(self._clouds),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=trouble,
                text=True,
            )
        assert self._process.stdout is not None
        if _first_line(self._process) != "ready":
            self.close()
            raise MailyardError(
                _("The demo's clouds did not start."),
                remedy=_("Remove the demo and start it again; nothing in it is real."),
                detail=str(self._folder.logs / "clouds.log"),
            )

    @property
    def references(self) -> tuple[tuple[str, int], ...]:
        """What verifies our own network: two targets on this computer."""
        return tuple((LOOPBACK, int(port)) for port in self.endpoint.where()["references"])

    def seed(self, context: DemoContext) -> None:
        """The first time: write what is there from the beginning. Later: the clouds listen elsewhere now. The caller
        holds the engine's lock and has prepared the store.

        :raises MailyardError: a cloud does not answer.
        """
        from backend.demo.fleet.owned import OwnedCloud
        from backend.demo.fleet.seed import reach_again, write_demo

        where = self.endpoint.where()
        clouds = {kind: OwnedCloud(url, where["word"]) for kind, url in where["clouds"].items()}
        if self.stage == BEGUN:
            write_demo(context, clouds)
            self._write_stage(WHOLE)
        else:
            reach_again(context, clouds)

    def fill_in(self, context: DemoContext) -> None:
        """The days before today, once."""
        from backend.demo.fleet.history import observe_past

        if self.stage == WHOLE:
            observe_past(context)
            self._write_stage(FILLED)

    @property
    def stage(self) -> str:
        """How far the demo's folder was brought; empty where it is none."""
        file = self._folder.root / MARK
        return file.read_text().strip() if file.exists() else ""

    @property
    def is_written(self) -> bool:
        """Whether everything but the samples of the days before today is there."""
        return self.stage in (WHOLE, FILLED)

    def claim(self) -> None:
        """Make the folder the demo's, or see that it is; what a first start that was cut off left is cleared away.

        The caller holds the engine's lock.
        :raises Refused: somebody's data are there.
        """
        root = self._folder.root
        if self.is_written:
            return
        self.refuse_other_data()
        self._write_stage(BEGUN)
        shutil.rmtree(self._clouds, ignore_errors=True)
        for name in OURS:
            for path in root.glob(f"{name}*"):
                path.unlink()

    def refuse_other_data(self) -> None:
        """:raises Refused: somebody's data are there."""
        root = self._folder.root
        if self.stage == "" and any((root / name).exists() for name in OURS):
            raise Refused(
                _("The folder {folder} contains something other than a demo.").format(folder=root),
                remedy=_("Give --data-dir an empty folder, or leave it out."),
            )

    def _write_stage(self, stage: str) -> None:
        replace_file(self._folder.root / MARK, f"{stage}\n".encode())

    def close(self) -> None:
        """End the clouds. What they remember stays on disk."""
        process, self._process = self._process, None
        if process is None:
            return
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.close()
        try:
            process.wait(timeout=END_S)
        except subprocess.TimeoutExpired:
            log.warning("The demo's clouds did not end by themselves")
            process.kill()
            process.wait(timeout=END_S)
        if process.returncode:
            log.warning("The demo's clouds ended with %d", process.returncode)
        process.stdout.close()


def command(folder: Path) -> list[str]:
    """How the clouds' process is started: by this Python."""
    if getattr(sys, "frozen", False):
        return [sys.executable, "--clouds", str(folder)]  # app/__main__.py knows it
    return [sys.executable, "-m", "backend.demo.fleet.clouds", str(folder)]


def remove_demo(folder: DataFolder, lock: EngineLock) -> None:
    """Delete the demo's own folder. Nothing else is touched. May be repeated after a failure.

    :raises MailyardError: it is no demo's folder, somebody still uses it, or it cannot be deleted.
    """
    going = folder.root.with_name(f"{folder.root.name}.removed")
    if folder.root.exists() or not going.exists():
        _check_unused(folder, lock)
    try:
        if folder.root.exists():
            shutil.rmtree(going, ignore_errors=True)
            folder.root.rename(going)
        shutil.rmtree(going)
    except OSError as error:
        raise MailyardError(
            _("The demo could not be removed."), remedy=_("Close its window first."), detail=str(error)
        ) from error


def _check_unused(folder: DataFolder, lock: EngineLock) -> None:
    if not (folder.root / MARK).is_file():
        raise MailyardError(_("There is no demo in {folder}.").format(folder=folder.root))
    if not lock.take("removal", datetime.now(UTC)):
        raise MailyardError(_("The demo is still in use."), remedy=_("Stop its engine, then remove it again."))
    lock.release()


def _first_line(process: subprocess.Popen[str]) -> str:
    """What it says first, within the time it has; empty when it ended or says nothing."""
    assert process.stdout is not None
    found: list[str] = []
    stream = process.stdout
    reader = threading.Thread(target=lambda: found.append(stream.readline()), name="demo-clouds", daemon=True)
    reader.start()
    reader.join(timeout=READY_S)
    return found[0].strip() if found else ""
