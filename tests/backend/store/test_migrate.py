"""Upgrades: verified copies first, all or nothing, newer and damaged databases left as they are."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from threading import Event

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import event, text

from backend.core.errors import DiskFull, StoreDamaged, StoreError, StoreTooNew
from backend.core.paths import DataFolder
from backend.store import migrate as upgrade
from backend.store.database import Part, Store, StoreAddress
from backend.store.integrity import check_integrity
from backend.store.migrate import copy_before_migration, current_revision, is_current, migrate
from backend.store.migrations import NEWEST
from backend.store.scope import ENGINE_SCOPE
from tests.backend.store.conftest import NOW
from tests.backend.store.rows import all_rows, key_of, settle

OpenStore = Callable[[StoreAddress], Store]
LIMIT_S = 60

HEAD = 'revision = "{revision}"\ndown_revision = "{before}"\nimport sqlalchemy as sa\nfrom alembic import op\n'
#: SQLite can change a column only by making the table anew; job_step and job_log hang on it with ON DELETE CASCADE.
REMAKE = """
def upgrade():
    with op.batch_alter_table("job") as batch:
        batch.alter_column("author", type_=sa.String(200))
"""
FAILING = """
def upgrade():
    op.add_column("job", sa.Column("more", sa.Text()))
    op.execute("UPDATE job SET author = 'changed'")
    op.execute("SELECT no_such_column FROM job")
"""


@pytest.fixture
def next_migration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Gives the program one migration more than it has."""

    def write(body: str) -> None:
        folder = tmp_path / "migrations"
        shutil.copytree(upgrade.MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
        before = sorted((folder / "versions").glob("[0-9]*.py"))[-1].name[:4]
        head = HEAD.format(revision="9999", before=before)
        (folder / "versions" / "9999_the_next.py").write_text(head + body)
        monkeypatch.setattr(upgrade, "MIGRATIONS", folder)

    return write


def write_jobs_file(folder: DataFolder) -> None:
    """The file of runs that earlier versions had, with something in it and its companions beside it."""
    for end in ("-wal", "-shm"):
        folder.jobs_database.with_name(f"{folder.jobs_database.name}{end}").touch()
    with closing(sqlite3.connect(folder.jobs_database)) as connection, connection:
        connection.execute("CREATE TABLE runs (n integer)")
        connection.executemany("INSERT INTO runs VALUES (?)", [(n,) for n in range(100)])


def test_an_upgrade_keeps_every_row_and_copies_both_files_first(
    sqlite_store: Store, folder: DataFolder, next_migration: Callable[[str], None]
) -> None:
    settle(sqlite_store)
    write_jobs_file(folder)
    before = sorted(map(key_of, all_rows(sqlite_store)))
    next_migration(REMAKE)

    assert migrate(sqlite_store, folder, NOW)

    assert current_revision(sqlite_store) == "9999"
    assert sorted(map(key_of, all_rows(sqlite_store))) == before
    (copy,) = folder.copies.iterdir()
    assert sorted(path.name for path in copy.iterdir()) == ["app.db", "jobs.db"]
    for path in copy.iterdir():
        check_integrity(path)
    with closing(sqlite3.connect(copy / "app.db")) as connection:
        assert connection.execute("SELECT count(*) FROM job_step").fetchone() != (0,)
        assert connection.execute("SELECT version_num FROM alembic_version").fetchone() == (NEWEST,)
    with closing(sqlite3.connect(copy / "jobs.db")) as connection:
        assert connection.execute("SELECT count(*) FROM runs").fetchone() == (100,)
    assert list(folder.root.glob("jobs.db*")) == []


def test_a_failed_upgrade_leaves_the_file_of_runs(
    sqlite_store: Store, folder: DataFolder, next_migration: Callable[[str], None]
) -> None:
    write_jobs_file(folder)
    next_migration(FAILING)

    with pytest.raises(Exception, match="no_such_column"):
        migrate(sqlite_store, folder, NOW)

    assert folder.jobs_database.exists()


def test_a_file_of_runs_left_by_a_kill_after_the_upgrade_goes_at_the_next_start(
    sqlite_store: Store, folder: DataFolder
) -> None:
    write_jobs_file(folder)

    assert not migrate(sqlite_store, folder, NOW)

    assert list(folder.root.glob("jobs.db*")) == []
    assert not folder.copies.exists()


def test_the_revision_the_program_names_is_the_head_of_the_history() -> None:
    heads = ScriptDirectory(str(upgrade.MIGRATIONS)).get_heads()
    assert heads == [NEWEST]


def test_only_a_store_of_this_version_is_current(
    address: StoreAddress, folder: DataFolder, open_store: OpenStore
) -> None:
    store = open_store(address)
    assert not is_current(store)
    migrate(store, folder, NOW)
    assert is_current(store)
    later: dict[Part, str] = {
        "metrics": "UPDATE metrics_version SET version = 99",
        "app": "UPDATE alembic_version SET version_num = '7777'",
    }
    for part, statement in later.items():
        with store.engine(part).begin() as connection:
            connection.execute(text(statement))
        assert not is_current(store)


def test_a_damaged_store_is_not_current(sqlite_store: Store, folder: DataFolder, open_store: OpenStore) -> None:
    sqlite_store.close()
    folder.app_database.write_bytes(b"no database at all" * 1000)
    assert not is_current(open_store(sqlite_store.address))


def test_keys_are_watched_again_after_an_upgrade(
    sqlite_store: Store, folder: DataFolder, next_migration: Callable[[str], None]
) -> None:
    next_migration(REMAKE)
    migrate(sqlite_store, folder, NOW)
    connections = [sqlite_store.engine("app").connect() for _ in range(3)]
    watched = [connection.scalar(text("PRAGMA foreign_keys")) for connection in connections]
    for connection in connections:
        connection.close()
    assert watched == [1, 1, 1]


def test_an_upgrade_on_postgresql_keeps_every_row(
    postgres_url: str,
    folder: DataFolder,
    open_store: OpenStore,
    next_migration: Callable[[str], None],
) -> None:
    store = open_store(StoreAddress.on_server(postgres_url))
    migrate(store, folder, NOW)
    settle(store)
    before = sorted(map(key_of, all_rows(store)))
    next_migration(REMAKE)
    assert migrate(store, folder, NOW)
    assert (current_revision(store), sorted(map(key_of, all_rows(store)))) == ("9999", before)


def test_a_failed_upgrade_leaves_the_database_as_it_was(
    any_store: Store, folder: DataFolder, next_migration: Callable[[str], None]
) -> None:
    settle(any_store)
    before = {key_of(row): vars(row).get("author") for row in all_rows(any_store)}
    present = current_revision(any_store)
    next_migration(FAILING)

    with pytest.raises(Exception, match="no_such_column"):
        migrate(any_store, folder, NOW)

    assert current_revision(any_store) == present
    assert {key_of(row): vars(row).get("author") for row in all_rows(any_store)} == before


def test_an_engine_starts_while_a_window_writes_what_it_looks_at(sqlite_store: Store, folder: DataFolder) -> None:
    """A lease is renewed wherever it can be: between the look at the measurements and the write to them it cannot."""
    renewed: list[bool] = []
    engine = sqlite_store.engine("metrics")
    event.listen(engine, "after_cursor_execute", lambda *_asked: renewed.append(is_renewed(folder.metrics_database)))

    assert migrate(sqlite_store, folder, NOW) is False

    assert renewed
    assert not any(renewed)
    assert is_renewed(folder.metrics_database)


def is_renewed(measurements: Path) -> bool:
    """Whether a window can write to them now."""
    with closing(sqlite3.connect(measurements, timeout=0, isolation_level=None)) as window:
        try:
            window.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return False
        window.execute("CREATE TABLE IF NOT EXISTS renewed (at INTEGER)")
        window.execute("INSERT INTO renewed VALUES (1)")
        window.execute("COMMIT")
        return True


def test_an_engine_that_starts_waits_for_a_window_that_writes(sqlite_store: Store, folder: DataFolder) -> None:
    asks = Event()
    event.listen(sqlite_store.engine("metrics"), "before_cursor_execute", lambda *_asked: asks.set())
    with (
        closing(sqlite3.connect(folder.metrics_database, isolation_level=None)) as window,
        ThreadPoolExecutor() as pool,
    ):
        window.execute("BEGIN IMMEDIATE")
        start = pool.submit(migrate, sqlite_store, folder, NOW)
        assert asks.wait(LIMIT_S)
        window.execute("COMMIT")

        assert start.result(LIMIT_S) is False


def test_three_copies_are_kept(sqlite_store: Store, folder: DataFolder) -> None:
    made = [copy_before_migration(folder, NOW + timedelta(days=day)) for day in range(5)]
    assert sorted(folder.copies.iterdir()) == made[-3:]


def test_a_copy_without_room_is_not_begun(
    sqlite_store: Store, folder: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = folder.app_database.stat().st_size + upgrade.SPARE_BYTES - 1
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: shutil._ntuple_diskusage(10**9, 0, free))
    with pytest.raises(DiskFull) as caught:
        copy_before_migration(folder, NOW)
    assert caught.value.remedy == "Free 1 MB on the disk of the data folder."
    assert not folder.copies.exists()


def test_a_copy_that_failed_half_way_does_not_pass_for_one(sqlite_store: Store, folder: DataFolder) -> None:
    folder.jobs_database.write_bytes(b"no database at all" * 1000)
    with pytest.raises(StoreDamaged, match="damaged"):
        copy_before_migration(folder, NOW)
    assert list(folder.copies.iterdir()) == []


def test_a_newer_database_is_refused_and_not_touched(
    sqlite_store: Store, folder: DataFolder, open_store: OpenStore
) -> None:
    settle(sqlite_store)
    with sqlite_store.engine("app").begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '7777'"))
    sqlite_store.close()
    before = folder.app_database.read_bytes()

    with pytest.raises(StoreTooNew) as caught:
        migrate(open_store(sqlite_store.address), folder, NOW)

    assert caught.value.title == "The database was written by a newer Mailyard."
    assert "Start that version" in caught.value.remedy
    assert folder.app_database.read_bytes() == before


def test_newer_measurements_are_refused(any_store: Store, folder: DataFolder) -> None:
    with any_store.engine("metrics").begin() as connection:
        connection.execute(text("UPDATE metrics_version SET version = 99"))
    with pytest.raises(StoreTooNew) as caught:
        migrate(any_store, folder, NOW)
    assert caught.value.remedy != ""


def flipped(content: bytes) -> bytes:
    """Each page but the first written over in its middle."""
    pages = [content[at : at + 4096] for at in range(0, len(content), 4096)]
    return pages[0] + b"".join(page[:8] + bytes(~byte & 0xFF for byte in page[8:64]) + page[64:] for page in pages[1:])


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "the header is gone": lambda content: bytes(100) + content[100:],
    "another kind of file": lambda _content: b"<html>" + b"x" * 8192,
    "cut in the middle": lambda content: content[: len(content) // 2],
    "cut inside a page": lambda content: content[: len(content) // 2 + 1000],
    "bytes flipped in every page": flipped,
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_database_is_refused_and_not_touched(
    sqlite_store: Store,
    folder: DataFolder,
    open_store: OpenStore,
    next_migration: Callable[[str], None],
    damage: str,
) -> None:
    settle(sqlite_store)
    sqlite_store.close()
    next_migration(REMAKE)
    folder.app_database.write_bytes(DAMAGES[damage](folder.app_database.read_bytes()))
    before = folder.app_database.read_bytes()

    with pytest.raises(StoreError) as caught:
        migrate(open_store(sqlite_store.address), folder, NOW)

    assert isinstance(caught.value, StoreDamaged)
    assert (caught.value.title, "copies" in caught.value.remedy) == ("The database is damaged.", True)
    assert folder.app_database.read_bytes() == before
    assert not list(folder.copies.glob("*"))


def test_a_page_that_is_damaged_later_is_named_when_it_is_read(
    sqlite_store: Store, folder: DataFolder, open_store: OpenStore
) -> None:
    settle(sqlite_store)
    sqlite_store.close()
    folder.app_database.write_bytes(flipped(folder.app_database.read_bytes()))
    with pytest.raises(StoreDamaged), open_store(sqlite_store.address).read(ENGINE_SCOPE) as session:
        session.connection().exec_driver_sql("SELECT * FROM server, domain, job").fetchall()
