"""A running cluster as tests see it: it makes databases and drops them."""

from __future__ import annotations

import itertools
import subprocess
import sys
import tempfile
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from backend.core.paths import DataFolder
from backend.store.database import Store, StoreAddress
from backend.store.migrate import migrate
from tests.requirements import ROOT

END_S = 30.0


class ClusterFailed(RuntimeError):
    """PostgreSQL is installed but no cluster came up."""


class Cluster:
    """Owns the keeper process, which ends the server with this object or with this process."""

    def __init__(self, programs: Path) -> None:
        self._keeper = subprocess.Popen(
            [sys.executable, "-m", "tests.postgres.keeper", str(programs)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        assert self._keeper.stdout is not None
        self.folder = self._ready()
        self._numbers = itertools.count(1)
        self._migrated: str | None = None

    def new_database(self) -> str:
        """Make an empty database; its ``postgresql://`` URL."""
        return self._new_like("template0")

    def new_migrated_database(self) -> str:
        """Make a database as a migration from nothing leaves it: that takes half a second, its copy a tenth of it."""
        if self._migrated is None:
            self._migrated = self._new_like("template0")
            _migrate(self._migrated)
        return self._new_like(_name_in(self._migrated))

    def drop(self, url: str) -> None:
        """Remove a database, whoever is still connected to it."""
        name = sql.Identifier(_name_in(url))
        self._execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))

    def restart(self) -> None:
        """End the server without ado and start it again: every connection is cut."""
        assert self._keeper.stdin is not None
        self._keeper.stdin.write("restart\n")
        self._keeper.stdin.flush()
        self._ready()

    def url_of(self, name: str) -> str:
        return f"postgresql://postgres@/{name}?host={quote(str(self.folder), safe='')}"

    def close(self) -> None:
        assert self._keeper.stdin is not None
        assert self._keeper.stdout is not None
        self._keeper.stdin.close()
        self._keeper.wait(END_S)
        self._keeper.stdout.close()

    def _ready(self) -> Path:
        assert self._keeper.stdout is not None
        word, _space, rest = self._keeper.stdout.readline().strip().partition(" ")
        if word != "ready":
            self.close()
            raise ClusterFailed(rest)
        return Path(rest)

    def _new_like(self, template: str) -> str:
        name = f"test_{next(self._numbers)}"
        names = map(sql.Identifier, (name, template))
        self._execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*names))
        return self.url_of(name)

    def _execute(self, statement: sql.Composed) -> None:
        with psycopg.connect(self.url_of("postgres"), autocommit=True) as connection:
            connection.execute(statement)


def _name_in(url: str) -> str:
    return url.split("?")[0].rsplit("/", 1)[1]


def _migrate(url: str) -> None:
    with tempfile.TemporaryDirectory() as folder, closing(Store(StoreAddress.on_server(url))) as store:
        migrate(store, DataFolder(Path(folder)), datetime.now(UTC))
