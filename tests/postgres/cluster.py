"""A running cluster as tests see it: it makes databases and drops them."""

from __future__ import annotations

import itertools
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

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

    def new_database(self) -> str:
        """Make an empty database; its ``postgresql://`` URL."""
        name = f"test_{next(self._numbers)}"
        self._execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
        return self.url_of(name)

    def drop(self, url: str) -> None:
        """Remove a database, whoever is still connected to it."""
        name = url.split("?")[0].rsplit("/", 1)[1]
        self._execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

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

    def _execute(self, statement: sql.Composed) -> None:
        with psycopg.connect(self.url_of("postgres"), autocommit=True) as connection:
            connection.execute(statement)
