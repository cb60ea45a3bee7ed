"""The engine's test bench, on SQLite and on the distribution's PostgreSQL."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import select

from backend.core.clock import SystemClock
from backend.core.paths import DataFolder
from backend.engine.scheduler import Scheduler
from backend.store.database import Store, StoreAddress
from backend.store.migrate import migrate
from backend.store.schema.operations import Schedule
from backend.store.scope import ENGINE_SCOPE
from tests.backend.engine.bench import Bench
from tests.backend.engine.schedules import Table
from tests.clocks import SetClock
from tests.installation import MIGRATED
from tests.postgres.cluster import Cluster

NewStore = Callable[[], Store]


@pytest.fixture(scope="module")
def new_store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[NewStore]:
    """Makes empty stores: on SQLite, or on PostgreSQL where the test is parametrised so."""
    made: list[Store] = []
    is_sqlite = getattr(request, "param", "sqlite") == "sqlite"
    cluster: Cluster | None = None if is_sqlite else request.getfixturevalue("postgres_cluster")
    urls: list[str] = []

    def make() -> Store:
        folder = DataFolder(tmp_path_factory.mktemp("engine"))
        folder.prepare()
        if cluster is None:
            MIGRATED.write(folder.root)
            address = StoreAddress.in_folder(folder)
        else:
            urls.append(cluster.new_migrated_database())
            address = StoreAddress.on_server(urls[-1])
        made.append(Store(address))
        migrate(made[-1], folder, SystemClock().now())
        return made[-1]

    yield make
    for store in made:
        store.close()
    for url in urls:
        assert cluster is not None
        cluster.drop(url)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Whatever stands on a store is asked of both databases, unless the module says that it is about files."""
    if "new_store" in metafunc.fixturenames and not getattr(metafunc.module, "SQLITE_ONLY", False):
        metafunc.parametrize("new_store", ["sqlite", "postgres"], indirect=True, scope="module")


@pytest.fixture(scope="module")
def store(new_store: NewStore) -> Store:
    """The store of a module."""
    return new_store()


@pytest.fixture(scope="module")
def shared_bench(store: Store) -> Iterator[Bench]:
    bench = Bench(store)
    bench.start()
    yield bench
    bench.close()


@pytest.fixture
def bench(shared_bench: Bench) -> Bench:
    """The engine that all tests of a module share; each test has jobs of its own."""
    return shared_bench


@pytest.fixture
def own_bench(store: Store) -> Iterator[Bench]:
    """The test starts engines itself. Not in one module with ``bench``: a process has one engine at a time."""
    bench = Bench(store)
    yield bench
    bench.close()


@pytest.fixture
def table(store: Store) -> Table:
    clock, woken = SetClock(), threading.Event()
    with store.write(ENGINE_SCOPE) as session:
        for schedule in session.scalars(select(Schedule)):
            schedule.enabled = False
    return Table(store, clock, Scheduler(store, clock, wake=woken.set, look_every_s=0.2), woken)


@pytest.fixture
def running(table: Table) -> Iterator[Table]:
    table.scheduler.start()
    yield table
    table.scheduler.close()
