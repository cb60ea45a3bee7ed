"""Damaged databases: found before anything is read, with the way back that there really is."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from backend.core.errors import StoreDamaged
from backend.core.paths import DataFolder
from backend.store.database import Store
from backend.store.errors import store_error
from backend.store.integrity import check_integrity, check_quickly, located
from backend.store.migrate import copy_before_migration
from tests.backend.store.conftest import NOW
from tests.backend.store.rows import settle

PAGE = 4096


def damage(path: Path, number: int) -> None:
    """Write nonsense over a page, counted from 1 as SQLite does."""
    with path.open("r+b") as file:
        file.seek((number - 1) * PAGE)
        file.write(b"\xa5" * PAGE)


def first_page_of(table: str, path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        asked = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = ?", (table,))
        return int(asked.fetchone()[0])


@pytest.fixture
def filled(sqlite_store: Store, folder: DataFolder) -> DataFolder:
    settle(sqlite_store)
    sqlite_store.close()
    with closing(sqlite3.connect(folder.app_database)) as connection:
        connection.execute("VACUUM")  # a free page holds nothing that could be damaged
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return folder


def test_whole_ones_pass(filled: DataFolder, sqlite_store: Store) -> None:
    assert {path.name for path in sqlite_store.address.files} == {"app.db", "metrics.db"}
    check_quickly(sqlite_store.address.files)
    for path in sqlite_store.address.files:
        check_integrity(path)


def test_every_damaged_page_is_found_by_the_quick_check(filled: DataFolder) -> None:
    whole = filled.app_database.read_bytes()
    missed = []
    for number in range(1, len(whole) // PAGE + 1):
        damage(filled.app_database, number)
        try:
            check_quickly([filled.app_database])
            missed.append(number)
        except StoreDamaged:
            pass
        filled.app_database.write_bytes(whole)
    assert missed == []


def test_a_large_file_is_checked_table_by_table(filled: DataFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backend.store.integrity.AT_ONCE_BYTES", 0)
    check_quickly([filled.app_database])
    damage(filled.app_database, first_page_of("job", filled.app_database))

    with pytest.raises(StoreDamaged):
        check_quickly([filled.app_database])
    check_quickly([filled.app_database], limit_s=-1.0)


def test_the_whole_check_ends_when_it_is_told_to(filled: DataFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backend.store.integrity.STEPS_BETWEEN_LOOKS", 1)
    damage(filled.app_database, 21)

    check_integrity(filled.app_database, lambda: True)
    with pytest.raises(StoreDamaged):
        check_integrity(filled.app_database)


def test_where_there_is_a_copy_the_newest_is_named(filled: DataFolder) -> None:
    copy = copy_before_migration(filled, NOW)
    damage(filled.app_database, 4)

    with pytest.raises(StoreDamaged) as found:
        check_integrity(filled.app_database)
    assert f"copies/{copy.name}/app.db" in found.value.remedy
    assert (filled.root / "copies" / copy.name / "app.db").is_file()


@pytest.mark.parametrize(("name", "words"), [("app.db", "accounts"), ("jobs.db", "goes on"), ("metrics.db", "figures")])
def test_where_there_is_none_the_remedy_says_what_is_lost(filled: DataFolder, name: str, words: str) -> None:
    (filled.root / name).write_bytes(b"nothing SQLite ever wrote" * 1000)

    with pytest.raises(StoreDamaged) as found:
        check_quickly([filled.root / name])
    assert "holds no copy" in found.value.remedy
    assert words in found.value.remedy
    assert "doctor" not in found.value.remedy


def test_what_a_query_says_is_located(filled: DataFolder, sqlite_store: Store) -> None:
    said = store_error(sqlite3.DatabaseError("database disk image is malformed"))
    assert isinstance(said, StoreDamaged)
    assert located(said, sqlite_store.address.files) is said
    damage(filled.app_database, 4)

    assert "app.db" in located(said, sqlite_store.address.files).detail
