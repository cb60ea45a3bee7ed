"""Whether the database files are whole, and the way back when one is not."""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path

from backend.core.errors import StoreDamaged, StoreError
from backend.core.present.text import _
from backend.store.errors import store_error

APP, JOBS = "app.db", "jobs.db"
QUICK_S = 5.0
WAIT_S = 10.0  # for whoever holds the file, as the store itself waits
#: So much is read within a second from any disk; a larger file is checked table by table while there is time.
AT_ONCE_BYTES = 100_000_000
STEPS_BETWEEN_LOOKS = 10_000

log = logging.getLogger(__name__)


def check_quickly(files: Iterable[Path], limit_s: float = QUICK_S) -> None:
    """Every page of every file, without comparing indexes to their tables; no longer than ``limit_s`` seconds.

    :raises StoreDamaged: a page is not what it should be.
    :raises StoreError: a file cannot be read.
    """
    end = time.monotonic() + limit_s
    for path in files:
        with _reading(path) as found:
            _bound(found.connection, lambda: time.monotonic() > end)
            checks = ["PRAGMA quick_check(1)"]
            if path.stat().st_size > AT_ONCE_BYTES:
                tables = found.connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
                checks = [f"PRAGMA quick_check({_quoted(name)})" for (name,) in tables]
            for check in checks:
                if time.monotonic() > end:
                    log.info("%s is checked by night: it is too large for now", path.name)
                    return
                found.ask(check)


def check_integrity(path: Path, is_to_end: Callable[[], bool] = lambda: False) -> None:
    """SQLite's own check of everything; ``is_to_end`` is asked now and then, and ends it early.

    :raises StoreDamaged: it finds a fault.
    :raises StoreError: the file cannot be read.
    """
    with _reading(path) as found:
        _bound(found.connection, is_to_end)
        found.ask("PRAGMA integrity_check(1)")


def located(error: StoreError, files: Iterable[Path]) -> StoreError:
    """A damage that a query met, with the file it is in and the way back from there."""
    if isinstance(error, StoreDamaged):
        for path in files:
            try:
                check_integrity(path)
            except StoreError as found:
                return found
    return error


class _reading:  # noqa: N801 - reads as a statement where it is used
    """A file opened for checks alone; what SQLite says against it is told with the way back."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> _reading:
        try:
            self.connection = sqlite3.connect(f"{self._path.absolute().as_uri()}?mode=ro", uri=True, timeout=WAIT_S)
        except sqlite3.Error as error:
            raise self._told(error) from error
        return self

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        with closing(self.connection):
            if isinstance(error, sqlite3.Error):
                raise self._told(error) from error

    def ask(self, check: str) -> None:
        try:
            verdict = self.connection.execute(check).fetchone()[0]
        except sqlite3.OperationalError as error:
            if "interrupted" not in str(error):
                raise
            return
        if verdict != "ok":
            raise damaged(f"{self._path.name}: {verdict}", self._path)

    def _told(self, error: sqlite3.Error) -> StoreError:
        told = store_error(error)
        if told is None or isinstance(told, StoreDamaged):
            return damaged(f"{self._path.name}: {error}", self._path)
        return told


def damaged(detail: str, path: Path) -> StoreDamaged:
    """A file that fails a check, with the remedy for what there is to restore it from."""
    return StoreDamaged(_("The database is damaged."), remedy=_way_back(path), detail=detail)


def _way_back(path: Path) -> str:
    copies = sorted((path.parent / "copies").glob(f"*/{path.name}"))
    whole = [each for each in copies if not each.parent.name.endswith(".unfinished")]
    if whole:
        return _(
            "Nothing was changed. Close Mailyard everywhere, move {name}, {name}-wal and {name}-shm away, and put the "
            "copy {copy} in their place."
        ).format(name=path.name, copy=whole[-1].relative_to(path.parent))
    none = _(
        "Nothing was changed. The folder 'copies' holds no copy of {name}: restore the data folder from a backup of "
        "your own."
    ).format(name=path.name)
    return f"{none} {_without_any(path.name)}"


def _without_any(name: str) -> str:
    """What is lost with the file, and what is not."""
    if name == APP:
        return _(
            "Without one, close Mailyard everywhere and move app.db and jobs.db, with the files named after them, "
            "away: it begins anew and finds your servers at their providers once you add the accounts again."
        )
    if name == JOBS:
        return _(
            "Without one, close Mailyard everywhere and move jobs.db, with the files named after it, away: the engine "
            "makes it anew and goes on with the jobs that were under way."
        )
    return _(
        "Without one, close Mailyard everywhere and move {name}, with the files named after it, away: past figures "
        "are lost, and nothing else."
    ).format(name=name)


def _bound(connection: sqlite3.Connection, is_to_end: Callable[[], bool]) -> None:
    connection.set_progress_handler(lambda: int(is_to_end()), STEPS_BETWEEN_LOOKS)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
