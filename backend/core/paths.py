"""Where one installation keeps its files."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from backend.core.errors import StoreReadOnly
from backend.core.present.text import _


def default_data_folder() -> Path:
    """The user's data folder for Mailyard (XDG, AppData or Application Support)."""
    from platformdirs import user_data_path

    return user_data_path("mailyard", appauthor=False)


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

        :raises StoreReadOnly: when the folder cannot be created or written.
        """
        try:
            self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.logs.mkdir(mode=0o700, exist_ok=True)
            probe = self.root / f".write-probe-{os.getpid()}"
            probe.touch()
            probe.unlink()
        except OSError as error:
            raise StoreReadOnly(
                _("The data folder {folder} cannot be written.").format(folder=self.root),
                remedy=_("Give your user the right to write there, or choose another folder with --data-dir."),
                detail=str(error),
            ) from error
