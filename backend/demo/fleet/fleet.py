"""The demo as a whole: its clouds' process, what an installation needs to reach it, its past, and its removal."""

from __future__ import annotations

import logging
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import select

from backend.core.errors import MailyardError
from backend.core.present.text import _
from backend.demo.fleet.clouds import WHERE
from backend.demo.fleet.endpoint import LOOPBACK, DemoEndpoint
from backend.store.schema.fleet import Account, Workspace
from backend.store.scope import ENGINE_SCOPE

if TYPE_CHECKING:
    from backend.core.paths import DataFolder
    from backend.demo.fleet.ground import Ground

log = logging.getLogger(__name__)

READY_S, END_S = 30.0, 10.0


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
        self._clouds.mkdir(parents=True, exist_ok=True)
        with (self._folder.logs / "clouds.log").open("ab") as trouble:
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
                remedy=_("Remove the demo and start it again; nothing of it is real."),
                detail=str(self._folder.logs / "clouds.log"),
            )

    @property
    def references(self) -> tuple[tuple[str, int], ...]:
        """What proves our own network up: two targets on this computer."""
        return tuple((LOOPBACK, int(port)) for port in self.endpoint.where()["references"])

    def furnish(self, ground: Ground) -> None:
        """The first time: write the past. Later: the clouds listen elsewhere now. The caller holds the engine's lock
        and has prepared the store.
        """
        clouds: dict[str, str] = self.endpoint.where()["clouds"]
        with ground.store.read(ENGINE_SCOPE) as session:
            is_there = session.scalars(select(Workspace).where(Workspace.kind == "client")).first() is not None
        if not is_there:
            from backend.demo.fleet.seed import write_demo

            write_demo(ground, clouds)
            return
        with ground.store.write(ENGINE_SCOPE) as session:
            for account in session.scalars(select(Account).where(Account.removed_at.is_(None))):
                account.endpoint_url = clouds.get(account.provider, account.endpoint_url)

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
        process.stdout.close()


def command(folder: Path) -> list[str]:
    """How the clouds' process is started: by this Python."""
    return [sys.executable, "-m", "backend.demo.fleet.clouds", str(folder)]


def remove_demo(folder: DataFolder) -> None:
    """Delete the demo's own folder. Nothing else is touched.

    :raises MailyardError: it is no demo's folder, or cannot be deleted.
    """
    if not (folder.root / "clouds").is_dir():
        raise MailyardError(_("There is no demo in {folder}.").format(folder=folder.root))
    try:
        shutil.rmtree(folder.root)
    except OSError as error:
        raise MailyardError(
            _("The demo could not be removed."), remedy=_("Close its window first."), detail=str(error)
        ) from error


def _first_line(process: subprocess.Popen[str]) -> str:
    """What it says first, within the time it has; empty when it ended or says nothing."""
    assert process.stdout is not None
    found: list[str] = []
    stream = process.stdout
    reader = threading.Thread(target=lambda: found.append(stream.readline()), name="demo-clouds", daemon=True)
    reader.start()
    reader.join(timeout=READY_S)
    return found[0].strip() if found else ""
