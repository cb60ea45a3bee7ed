"""The change feed between processes: what one commits the others hear, and no failure makes them deaf."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
from sqlalchemy import text

from backend.core.clock import SystemClock
from backend.engine.feed import FeedWatcher
from backend.engine.requests import RequestEnvelope, write_request
from backend.store.changes import Changed, announce
from backend.store.database import Store
from backend.store.scope import AGENCY, ENGINE_SCOPE
from backend.upkeep.requests import MaintainStore
from tests.backend.engine.bench import until


@pytest.fixture
def other(store: Store) -> Iterator[Store]:
    """As another process has it: the same database, a feed of its own."""
    opened = Store(store.address)
    yield opened
    opened.close()


@pytest.fixture
def heard(other: Store) -> Iterator[list[Changed]]:
    """What a listener of the other process hears, while its watcher runs."""
    told: list[Changed] = []
    end = other.feed.subscribe(told.extend)
    yield told
    end()


@pytest.fixture
def watcher(other: Store) -> Iterator[FeedWatcher]:
    made = FeedWatcher(other)
    made.start()
    until(lambda: made._seq is not None, "the watcher to look")
    yield made
    made.close()
    assert not made._thread.is_alive()


def tell(store: Store, *topics: str) -> None:
    with store.write(ENGINE_SCOPE) as session:
        announce(session, *(Changed(topic, AGENCY) for topic in topics))


def test_what_another_process_commits_is_heard(store: Store, watcher: FeedWatcher, heard: list[Changed]) -> None:
    tell(store, "servers", "jobs")

    until(lambda: {change.topic for change in heard} >= {"servers", "jobs"}, "both topics")
    assert {change.workspace for change in heard} == {AGENCY}


def test_a_request_names_its_topic(store: Store, watcher: FeedWatcher, heard: list[Changed]) -> None:
    with store.write(ENGINE_SCOPE) as session:
        write_request(session, RequestEnvelope(AGENCY, MaintainStore(), "tester"), SystemClock().now())

    until(lambda: Changed("requests", AGENCY) in heard, "the request")


def test_what_was_rolled_back_is_not_heard(store: Store, watcher: FeedWatcher, heard: list[Changed]) -> None:
    with store.write(ENGINE_SCOPE) as session:
        announce(session, Changed("lost", AGENCY))
        session.flush()
        session.rollback()
    tell(store, "kept")

    until(lambda: Changed("kept", AGENCY) in heard, "the next change")
    assert Changed("lost", AGENCY) not in heard


def test_a_failing_database_is_told_once_and_nothing_is_missed(
    store: Store, watcher: FeedWatcher, heard: list[Changed], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "backend.engine.feed")
    _rename(store, "changes", "away")
    tell_in_vain = text("INSERT INTO schedule_probe VALUES (1)")
    with store.engine("app").begin() as connection:  # another commit, so that the watcher looks
        connection.execute(text("CREATE TABLE IF NOT EXISTS schedule_probe (number INTEGER)"))
        connection.execute(tell_in_vain)
    until(lambda: "fell silent" in caplog.text, "the watcher to fail")
    for _each in range(3):
        with store.engine("app").begin() as connection:
            connection.execute(tell_in_vain)
    _rename(store, "away", "changes")
    tell(store, "after")

    until(lambda: Changed("after", AGENCY) in heard, "the change after the trouble")
    until(lambda: "The change feed is back" in caplog.text, "the word that it is back")
    assert caplog.text.count("fell silent") == 1
    assert caplog.text.count("The change feed is back") == 1


def test_more_changes_than_one_look_reads_are_all_heard(
    store: Store, watcher: FeedWatcher, heard: list[Changed], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backend.store.changes.MOST_AT_ONCE", 3)
    topics = [f"topic-{number}" for number in range(10)]
    tell(store, *topics)

    until(lambda: {change.topic for change in heard} >= set(topics), "all of them")


def _rename(store: Store, table: str, name: str) -> None:
    with store.engine("app").begin() as connection:
        connection.execute(text(f"ALTER TABLE {table} RENAME TO {name}"))
