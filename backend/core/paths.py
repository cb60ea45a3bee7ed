"""Where one installation keeps its files."""

from __future__ import annotations

import errno
import os
from dataclasses import dataclass
from pathlib import Path

from backend.core.errors import DiskFull, NoHomeFolder, StoreError, StoreNotPrivate, StoreReadOnly
from backend.core.present.text import _
from backend.core.private import NotOurs, close_to_others, make_folder, private


def default_data_folder() -> Path:
    """The user's data folder for Mailyard (XDG, AppData or Application Support).

    :raises NoHomeFolder: neither the environment nor the user database says where it would lie.
    """
    from platformdirs import user_data_path

    try:
        return user_data_path("mailyard", appauthor=False)
    except RuntimeError as error:
        raise NoHomeFolder(
            _("Your user has no home folder, so there is no default data folder."),
            remedy=_("Name a folder with --data-dir, or set HOME."),
        ) from error


def demo_data_folder() -> Path:
    """The demo's own, beside the live one and never inside it.

    :raises NoHomeFolder: there is no place for either.
    """
    live = default_data_folder()
    return live.with_name(f"{live.name}-demo")


def home_folder() -> Path | None:
    """The user's; None where nothing says which it is, as of a service or in a container with a free user number."""
    try:
        home = Path.home()
    except RuntimeError:
        return None
    return home if home.is_absolute() else None


def at_home(name: str) -> Path:
    """Where a file of this name is saved unless a person says otherwise; without a home in the current folder."""
    return (home_folder() or Path()) / name


def shown_path(path: Path) -> str:
    """For a person to read: bytes of its name that are no text stand as a sign instead of being left out."""
    return os.fsencode(path).decode("utf-8", "replace")


@dataclass(frozen=True)
class DataFolder:
    """The files of one installation; nothing is created until :meth:`prepare`."""

    root: Path

    @property
    def app_database(self) -> Path:
        return self.root / "app.db"

    @property
    def jobs_database(self) -> Path:
        """Of earlier versions; a migration copies and removes it."""
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

    def prepare(self) -> bool:
        """Create the folder, or close it to other users; whether it stood open to them until now.

        :raises StoreNotPrivate: it belongs to another user, or what is in it does, or it cannot be closed.
        :raises StoreReadOnly, DiskFull: the folder cannot be created or written.
        """
        try:
            make_folder(self.root)
            was_open = self._close()
            make_folder(self.logs)
            probe = self.root / f".write-probe-{os.getpid()}"
            os.close(private(str(probe), os.O_WRONLY | os.O_CREAT))
            probe.unlink()
        except OSError as error:
            title = _("The data folder {folder} cannot be written.").format(folder=self.root)
            raise unwritable(error, title) from error
        return was_open

    def _close(self) -> bool:
        """:raises OSError: the folder cannot be written at all."""
        try:
            return close_to_others(self.root)
        except PermissionError as error:
            if not os.access(self.root, os.W_OK | os.X_OK):
                raise
            raise _not_private(error, self.root) from error


def was_open(folder: DataFolder) -> StoreNotPrivate:
    """What is said once of a folder that other users could read until now."""
    return StoreNotPrivate(
        _("Other users of this computer could read the data folder {folder} until now.").format(folder=folder.root),
        remedy=_("It is closed to them now. If somebody may have read it, replace the tokens of your accounts."),
    )


def _not_private(error: PermissionError, root: Path) -> StoreNotPrivate:
    if isinstance(error, NotOurs):
        return StoreNotPrivate(
            _("{path} belongs to another user.").format(path=error.filename),
            remedy=_(
                "Start Mailyard as the owner of the data folder {folder}, remove what other users put there, or "
                "choose another folder with --data-dir."
            ).format(folder=root),
        )
    return StoreNotPrivate(
        _("Other users can read the data folder {folder}, and it cannot be closed to them.").format(folder=root),
        remedy=_("With --data-dir, choose a folder on a disk that supports file permissions."),
        detail=str(error),
    )


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
        remedy=_("Give your user write access to it, or choose another folder with --data-dir."),
        detail=str(error),
    )
