"""PostgreSQL as fixtures; the cluster starts with the first test that asks for a database."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.postgres.binaries import server_programs
from tests.postgres.cluster import Cluster
from tests.requirements import lacking


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[Cluster]:
    """One for the whole run: it needs a second to start."""
    programs = server_programs()
    if programs is None:
        lacking("postgres", "there are no server programs: apt-get install postgresql")
    assert programs is not None
    cluster = Cluster(programs)
    yield cluster
    cluster.close()


@pytest.fixture
def new_postgres_database(postgres_cluster: Cluster) -> Iterator[Callable[[], str]]:
    """Makes empty databases and gives their ``postgresql://`` URLs; all are dropped with the test."""
    made: list[str] = []

    def make() -> str:
        made.append(postgres_cluster.new_database())
        return made[-1]

    yield make
    for url in made:
        postgres_cluster.drop(url)


@pytest.fixture
def migrated_postgres_url(postgres_cluster: Cluster) -> Iterator[str]:
    """The URL of a database that is migrated, and empty otherwise."""
    url = postgres_cluster.new_migrated_database()
    yield url
    postgres_cluster.drop(url)


@pytest.fixture
def postgres_url(new_postgres_database: Callable[[], str]) -> str:
    """The URL of a fresh, empty database."""
    return new_postgres_database()
