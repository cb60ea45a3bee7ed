"""The change feed on PostgreSQL: another process's commit is told, not asked for."""

from __future__ import annotations

import select as selecting
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import event, text

from backend.core.paths import DataFolder
from backend.engine.feed import FeedWatcher
from backend.store import commits
from backend.store.changes import Changed
from backend.store.database import Store, StoreAddress
from backend.store.migrate import migrate
from backend.store.scope import AGENCY
from tests.backend.engine.bench import until

TELL = """
import sys
from backend.store.changes import Changed, announce
from backend.store.database import Store, StoreAddress
from backend.store.scope import AGENCY, ENGINE_SCOPE

store = Store(StoreAddress.on_server(sys.argv[1]))
for topic in sys.argv[2:]:
    with store.write(ENGINE_SCOPE) as session:
        announce(session, Changed(topic, AGENCY))
store.close()
"""


UNTOLD = text("INSERT INTO changes (tenant_id, seq, topic, at) SELECT :own, max(seq) + 1, 'untold', now() FROM changes")


@pytest.fixture
def server(postgres_url: str, tmp_path: Path) -> Iterator[Store]:
    store = Store(StoreAddress.on_server(postgres_url))
    folder = DataFolder(tmp_path)
    folder.prepare()
    migrate(store, folder, datetime.now(UTC))
    yield store
    store.close()


@pytest.fixture
def heard(server: Store) -> Iterator[set[Changed]]:
    """What is heard of others while the watcher runs."""
    told: set[Changed] = set()
    server.feed.subscribe(told.update)
    watcher = FeedWatcher(server)
    watcher.start()
    until(lambda: _listeners(server), "it to listen")
    yield told
    watcher.close()
    assert not watcher._thread.is_alive()


@pytest.fixture
def tell(postgres_url: str) -> Callable[..., None]:
    """Another process commits changes with these topics, one commit each."""

    def run(*topics: str) -> None:
        subprocess.run([sys.executable, "-c", TELL, postgres_url, *topics], check=True, timeout=120)

    return run


def test_what_another_process_commits_is_told_and_an_idle_client_asks_nothing(
    server: Store, heard: set[Changed], tell: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = Changed("first", AGENCY)
    monkeypatch.setattr(commits, "SLOW_S", 600.0)  # from the next pause on, only the server's word counts
    pauses: list[tuple[float, bool]] = []

    def pause(*given: Any) -> object:
        pauses.append((given[3], first in heard))
        return selecting.select(*given)

    monkeypatch.setattr(commits, "selecting", SimpleNamespace(select=pause))
    tell("first")
    until(lambda: (600.0, True) in pauses, "the pause after the first change")
    asked: list[str] = []
    event.listen(server.engine("app"), "before_cursor_execute", lambda *given: asked.append(given[2]))

    tell("second", "third")
    until(lambda: {change.topic for change in heard} >= {"second", "third"}, "both changes")
    assert {seconds for seconds, _is_told in pauses} == {600.0}, "it asks in between"
    assert len(asked) <= 8  # for two commits: a look each, and what opens a connection


def test_where_nobody_tells_the_client_looks_a_few_times_a_minute(
    server: Store, heard: set[Changed], tell: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert commits.SLOW_S >= 15.0
    monkeypatch.setattr(commits, "SLOW_S", 0.3)
    tell("wakes it")  # so that the next pause is a short one
    until(lambda: heard, "it to be awake")
    with server.engine("app").begin() as connection:  # as behind a pooler that lets no session listen
        connection.execute(UNTOLD, {"own": AGENCY})

    until(lambda: Changed("untold", AGENCY) in heard, "the change that nobody told")


def test_a_session_that_the_server_ends_is_opened_again(
    server: Store, heard: set[Changed], tell: Callable[..., None]
) -> None:
    (first,) = _listeners(server)
    with server.engine("app").begin() as connection:
        connection.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": first})
    tell("meanwhile")

    until(lambda: Changed("meanwhile", AGENCY) in heard, "the change")
    until(lambda: _listeners(server) and _listeners(server) != [first], "a session that listens again")


def _listeners(server: Store) -> list[int]:
    listening = text(
        "SELECT pid FROM pg_stat_activity WHERE application_name = 'mailyard changes'"
        " AND datname = current_database() AND query LIKE 'LISTEN%'"
    )
    with server.engine("app").connect() as connection:
        return list(connection.scalars(listening))
