"""Where one installation keeps its files."""

from __future__ import annotations

import errno
import os
from dataclasses import dataclass
from pathlib import Path

from backend.core.errors import DiskFull, StoreError, StoreReadOnly
from backend.core.present.text import _


def default_data_folder() -> Path:
    """The user's data folder for Mailyard (XDG, AppData or Application Support)."""
    from platformdirs import user_data_path

    return user_data_path("mailyard", appauthor=False)


def demo_data_folder() -> Path:
    """The demo's own, beside the live one and never inside it."""
    live = default_data_folder()
    return live.with_name(f"{live.name}-demo")


@dataclass(frozen=True)
class DataFolder:
    """The files of one installation; nothing is created until :meth:`prepare`."""

    root: Path

    @property
    def app_database(self) -> Path:
        return self.root / "app.db"

    @property
    def jobs_database(self) -> Path:
        return self.root / "jobs.db"

    @property
    def metrics_database(self) -> Path:
        return self.root / "metrics.db"

    @property
    def engine_lock(self) -> Path:
        return self.root / "engine.lock"

    @property
    def sealed_secrets(self) -> Path:
        return self.root / "secrets.sealed"

    @property
    def settings(self) -> Path:
        return self.root / "settings.json"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def copies(self) -> Path:
        """Verified copies taken before a migration."""
        return self.root / "copies"

    def prepare(self) -> None:
        """Create the folder, readable by its owner only.

        :raises StoreReadOnly, DiskFull: when the folder cannot be created or written.
        """
        try:
            self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.logs.mkdir(mode=0o700, exist_ok=True)
            probe = self.root / f".write-probe-{os.getpid()}"
            probe.touch()
            probe.unlink()
        except OSError as error:
            title = _("The data folder {folder} cannot be written.").format(folder=self.root)
            raise unwritable(error, title) from error


def unwritable(error: OSError, title: str) -> StoreError:
    """What kept a file of the data folder from being written: a full disk, or a missing right."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFull(
            _("There is no space left for the data folder."),
            remedy=_("Free some disk space; nothing was lost."),
            detail=str(error),
        )
    return StoreReadOnly(
        title,
        remedy=_("Give your user the right to write there, or choose another folder with --data-dir."),
        detail=str(error),
    )
