"""Bringing the database to this program's schema: verified copies first, a newer one refused, nothing half done."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from backend.core.errors import DiskFull, StoreError, StoreReadOnly, StoreTooNew
from backend.core.present.text import _
from backend.core.private import make_file, make_folder
from backend.store.errors import store_error
from backend.store.integrity import check_integrity, check_quickly, damaged, located
from backend.store.metrics_schema import VERSION as METRICS_VERSION
from backend.store.metrics_schema import prepare_metrics
from backend.store.metrics_schema import version as metrics_version
from backend.store.migrations import NEWEST

if TYPE_CHECKING:
    from alembic.config import Config
    from sqlalchemy import Connection

    from backend.core.paths import DataFolder
    from backend.store.database import Store

COPIES_KEPT = 3
LOOK_S = 0.5  # what a window waits for the check of the app database before its first page
UNFINISHED = ".unfinished"
MIGRATIONS = Path(__file__).parent / "migrations"
SPARE_BYTES = 20_000_000


def migrate(store: Store, folder: DataFolder, now: datetime) -> bool:
    """Create or upgrade the database; True when something was migrated. Called by the engine's holder only.

    :raises StoreTooNew: it was written by a newer Mailyard.
    :raises StoreDamaged: it fails its integrity check; nothing is changed then.
    :raises DiskFull: there is no room for the copy that must come first.
    :raises StoreReadOnly: the copy cannot be written.
    """
    check_quickly(store.address.files)
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
        if store.address.is_sqlite:
            _remove_file_of_runs(folder)
    except DBAPIError as error:
        raise _told(error, store) from error
    return present != newest


def is_current(store: Store) -> bool:
    """Whether the database can be read as it is: two quick questions, without Alembic.

    False for everything :func:`migrate` has a word to say about: no database, an older, a newer or a damaged one.
    """
    try:
        check_quickly(store.address.files[:1], LOOK_S)
        with store.engine("app").connect() as connection:
            revision = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        with store.engine("metrics").connect() as connection:
            version = connection.execute(select(metrics_version.c.version)).scalar()
    except (StoreError, DBAPIError):
        return False
    return (revision, version) == (NEWEST, METRICS_VERSION)


def current_revision(store: Store) -> str | None:
    """The schema revision the app database is at, None for an empty one.

    :raises StoreDamaged, StoreReadOnly: it cannot be read.
    """
    from alembic.runtime.migration import MigrationContext

    try:
        with store.engine("app").connect() as connection:
            return MigrationContext.configure(connection).get_current_revision()
    except DBAPIError as error:
        raise _told(error, store) from error


def _told(error: DBAPIError, store: Store) -> StoreError | DBAPIError:
    told = store_error(error)
    return located(told, store.address.files) if told else error


def copy_before_migration(folder: DataFolder, now: datetime) -> Path:
    """Copy app, and the file of runs of an earlier version, with VACUUM INTO and check the copies.

    Older copies beyond the newest three go.
    """
    sources = [path for path in (folder.app_database, folder.jobs_database) if path.exists()]
    needed = sum(path.stat().st_size for path in sources) + SPARE_BYTES
    free = shutil.disk_usage(folder.root).free
    if free < needed:
        raise DiskFull(
            _("There is no space for the backup before the database upgrade."),
            remedy=_("Free {megabytes} MB on the disk of the data folder.").format(
                megabytes=(needed - free) // 1_000_000 + 1
            ),
        )
    target = folder.copies / now.strftime("%Y%m%dT%H%M%SZ")
    with _whole_or_not_at_all(target) as unfinished:
        for path in sources:
            _copy_one(path, unfinished / path.name)
    for old in sorted(folder.copies.iterdir())[:-COPIES_KEPT]:
        shutil.rmtree(old, ignore_errors=True)
    return target


@contextmanager
def _whole_or_not_at_all(target: Path) -> Iterator[Path]:
    """A folder that takes its name when all in it is written: half a copy must never pass for one."""
    unfinished = target.with_name(target.name + UNFINISHED)
    try:
        shutil.rmtree(unfinished, ignore_errors=True)
        make_folder(unfinished)
        yield unfinished
        shutil.rmtree(target, ignore_errors=True)
        unfinished.rename(target)
    except sqlite3.Error as error:
        raise store_error(error) or error from error
    except OSError as error:
        raise StoreReadOnly(
            _("The backup before the database upgrade cannot be written."),
            remedy=_("Give your user write access to the folder 'copies' in the data folder."),
            detail=str(error),
        ) from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _copy_one(source: Path, target: Path) -> None:
    check_integrity(source)
    make_file(target)
    with closing(sqlite3.connect(source)) as connection:
        connection.execute("VACUUM INTO ?", (str(target),))
    check_integrity(target)


def _remove_file_of_runs(folder: DataFolder) -> None:
    """Earlier versions kept how runs were carried in a file of its own; nothing of it is wanted any more."""
    for name in (f"{folder.jobs_database.name}{end}" for end in ("-wal", "-shm", "")):
        with suppress(OSError):  # it stands in nobody's way; the next start tries again
            (folder.root / name).unlink(missing_ok=True)


def _create_schemas(store: Store) -> None:
    with store.engine("app").begin() as connection:
        for part in ("app", "metrics"):
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

    with store.engine("app").connect() as connection, _keys_unwatched(connection), connection.begin():
        command.upgrade(_config(connection), "head")
        _check_keys(connection, Path(store.address.urls["app"].database or ""))


@contextmanager
def _keys_unwatched(connection: Connection) -> Iterator[None]:
    """A table that SQLite can alter only by making it anew would take along the rows that hang on it."""
    raw: Any = connection.connection.dbapi_connection
    if connection.dialect.name != "sqlite":
        yield
        return
    raw.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        raw.execute("PRAGMA foreign_keys=ON")


def _check_keys(connection: Connection, path: Path) -> None:
    if connection.dialect.name != "sqlite":
        return
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if broken is not None:
        raise damaged(f"a row of {broken[0]} points at none of {broken[2]}", path)


def _config(connection: Connection | None = None) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config
