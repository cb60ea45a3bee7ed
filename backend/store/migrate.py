"""Bringing the database to this program's schema: verified copies first, a newer one refused, nothing half done."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from backend.core.errors import DiskFull, StoreReadOnly, StoreTooNew
from backend.core.present.text import _
from backend.store.metrics_schema import VERSION as METRICS_VERSION
from backend.store.metrics_schema import prepare_metrics
from backend.store.metrics_schema import version as metrics_version
from backend.store.migrations import NEWEST
from backend.store.trouble import damaged, store_error

if TYPE_CHECKING:
    from alembic.config import Config
    from sqlalchemy import Connection

    from backend.core.paths import DataFolder
    from backend.store.database import Store

COPIES_KEPT = 3
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


def is_current(store: Store) -> bool:
    """Whether the database can be read as it is: two quick questions, without Alembic.

    False for everything :func:`migrate` has a word to say about: no database, an older, a newer or a damaged one.
    """
    try:
        with store.engine("app").connect() as connection:
            revision = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        with store.engine("metrics").connect() as connection:
            version = connection.execute(select(metrics_version.c.version)).scalar()
    except DBAPIError:
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
    with _whole_or_not_at_all(target) as unfinished:
        for path in sources:
            _copy_one(path, unfinished / path.name)
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


@contextmanager
def _whole_or_not_at_all(target: Path) -> Iterator[Path]:
    """A folder that takes its name when all in it is written: half a copy must never pass for one."""
    unfinished = target.with_name(target.name + UNFINISHED)
    try:
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700, parents=True)
        yield unfinished
        shutil.rmtree(target, ignore_errors=True)
        unfinished.rename(target)
    except sqlite3.Error as error:
        raise store_error(error) or error from error
    except OSError as error:
        raise StoreReadOnly(
            _("The copy that comes before an upgrade of the database cannot be written."),
            remedy=_("Give your user the right to write to the folder 'copies' in the data folder."),
            detail=str(error),
        ) from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _copy_one(source: Path, target: Path) -> None:
    check_integrity(source)
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

    with store.engine("app").connect() as connection, _keys_unwatched(connection), connection.begin():
        command.upgrade(_config(connection), "head")
        _check_keys(connection)


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


def _check_keys(connection: Connection) -> None:
    if connection.dialect.name != "sqlite":
        return
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if broken is not None:
        raise damaged(f"a row of {broken[0]} points at none of {broken[2]}")


def _config(connection: Connection | None = None) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config
