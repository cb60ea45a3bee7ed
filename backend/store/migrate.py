"""Bringing the database to this program's schema: verified copies first, a newer one refused, nothing half done."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from backend.core.errors import DiskFull, StoreTooNew
from backend.core.present.text import _
from backend.store.metrics_schema import prepare_metrics
from backend.store.trouble import damaged, store_error

if TYPE_CHECKING:
    from alembic.config import Config
    from sqlalchemy import Connection

    from backend.core.paths import DataFolder
    from backend.store.database import Store

COPIES_KEPT = 3
SPARE_BYTES = 20_000_000


def migrate(store: Store, folder: DataFolder, now: datetime) -> bool:
    """Create or upgrade the database; True when something was migrated. Called by the engine's holder only.

    :raises StoreTooNew: it was written by a newer Mailyard.
    :raises StoreDamaged: it fails its integrity check; nothing is changed then.
    :raises DiskFull: there is no room for the copy that must come first.
    """
    try:
        if not store.address.is_sqlite:
            _create_schemas(store)
        present, newest = current_revision(store), _newest_revision()
        _refuse_newer(present)
        if present != newest:
            if present is not None and store.address.is_sqlite:
                copy_before_migration(folder, now)
            _upgrade(store)
        prepare_metrics(store.engine("metrics"))
    except DBAPIError as error:
        raise store_error(error) or error from error
    return present != newest


def current_revision(store: Store) -> str | None:
    """The schema revision the app database is at, None for an empty one.

    :raises StoreDamaged, StoreReadOnly: it cannot be read.
    """
    from alembic.runtime.migration import MigrationContext

    try:
        with store.engine("app").connect() as connection:
            return MigrationContext.configure(connection).get_current_revision()
    except DBAPIError as error:
        raise store_error(error) or error from error


def copy_before_migration(folder: DataFolder, now: datetime) -> Path:
    """Copy app and jobs with VACUUM INTO and check the copies; older copies beyond the newest three go."""
    sources = [path for path in (folder.app_database, folder.jobs_database) if path.exists()]
    needed = sum(path.stat().st_size for path in sources) + SPARE_BYTES
    free = shutil.disk_usage(folder.root).free
    if free < needed:
        raise DiskFull(
            _("There is no space for the copy that comes before an upgrade of the database."),
            remedy=_("Free {megabytes} MB on the disk of the data folder.").format(
                megabytes=(needed - free) // 1_000_000 + 1
            ),
        )
    target = folder.copies / now.strftime("%Y%m%dT%H%M%SZ")
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    for path in sources:
        _copy_one(path, target / path.name)
    for old in sorted(folder.copies.iterdir())[:-COPIES_KEPT]:
        shutil.rmtree(old, ignore_errors=True)
    return target


def check_integrity(path: Path) -> None:
    """:raises StoreDamaged: SQLite's own integrity check finds a fault."""
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
            verdict = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
    except sqlite3.DatabaseError as error:
        raise damaged(f"{path.name}: {error}") from error
    if verdict != "ok":
        raise damaged(f"{path.name}: {verdict}")


def _copy_one(source: Path, target: Path) -> None:
    check_integrity(source)
    target.unlink(missing_ok=True)
    with closing(sqlite3.connect(source)) as connection:
        connection.execute("VACUUM INTO ?", (str(target),))
    check_integrity(target)


def _create_schemas(store: Store) -> None:
    with store.engine("app").begin() as connection:
        for part in ("app", "jobs", "metrics"):
            connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {part}"))


def _refuse_newer(present: str | None) -> None:
    from alembic.script import ScriptDirectory

    if present is None:
        return
    known = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
    if present not in known:
        raise StoreTooNew(
            _("The database was written by a newer Mailyard."),
            remedy=_("Start that version, or restore a copy from the folder 'copies'."),
            detail=f"revision {present}",
        )


def _newest_revision() -> str | None:
    from alembic.script import ScriptDirectory

    return ScriptDirectory.from_config(_config()).get_current_head()


def _upgrade(store: Store) -> None:
    from alembic import command

    with store.engine("app").begin() as connection:
        command.upgrade(_config(connection), "head")


def _config(connection: Connection | None = None) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config
