"""A store of each kind, brought to the present schema."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from backend.core.paths import DataFolder
from backend.store.database import Store, StoreAddress
from backend.store.migrate import migrate
from tests.installation import MIGRATED

NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
KINDS = ("sqlite", "postgres")


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    made = DataFolder(tmp_path / "data")
    made.prepare()
    return made


@pytest.fixture
def open_store() -> Iterator[Callable[[StoreAddress], Store]]:
    """Opens stores; all are closed with the test."""
    opened: list[Store] = []

    def make(address: StoreAddress) -> Store:
        opened.append(Store(address))
        return opened[-1]

    yield make
    for store in opened:
        store.close()


@pytest.fixture(params=KINDS)
def address(request: pytest.FixtureRequest, folder: DataFolder) -> StoreAddress:
    """Where an empty store lies: files, or a PostgreSQL database."""
    if request.param == "sqlite":
        return StoreAddress.in_folder(folder)
    return StoreAddress.on_server(request.getfixturevalue("postgres_url"))


@pytest.fixture(params=KINDS)
def any_store(request: pytest.FixtureRequest, folder: DataFolder, open_store: Callable[[StoreAddress], Store]) -> Store:
    """A migrated store; the test runs once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        MIGRATED.write(folder.root)
        address = StoreAddress.in_folder(folder)
    else:
        address = StoreAddress.on_server(request.getfixturevalue("migrated_postgres_url"))
    store = open_store(address)
    migrate(store, folder, NOW)
    return store


@pytest.fixture
def sqlite_store(folder: DataFolder, open_store: Callable[[StoreAddress], Store]) -> Store:
    """A migrated store in files, for what only files can suffer."""
    MIGRATED.write(folder.root)
    store = open_store(StoreAddress.in_folder(folder))
    migrate(store, folder, NOW)
    return store
