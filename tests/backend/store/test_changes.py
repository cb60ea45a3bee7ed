"""The change feed: what a commit announces, what a rollback does not, and how one process hears of another's."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import event, func, select, text
from sqlalchemy.exc import OperationalError

from backend.engine import feed
from backend.engine.feed import FeedWatcher
from backend.features import FEATURES
from backend.store.changes import AGES, Changed, announce, newest_seq, read_since
from backend.store.database import Store
from backend.store.retention import sweep
from backend.store.schema.fleet import Account, Price, Server, Workspace
from backend.store.schema.mail import Domain
from backend.store.schema.operations import Change, Job
from backend.store.scope import AGENCY, ENGINE_SCOPE, Scope, ScopedSession
from tests.backend.store.conftest import NOW
from tests.backend.store.rows import ANNA, BERT, row_of, settle
from tests.installation import until


@pytest.fixture
def heard(any_store: Store) -> list[frozenset[Changed]]:
    """What a listener in this process is told."""
    told: list[frozenset[Changed]] = []
    any_store.feed.subscribe(told.append)
    return told


def test_a_commit_announces_each_topic_and_workspace_once(any_store: Store, heard: list[frozenset[Changed]]) -> None:
    with any_store.write(ENGINE_SCOPE) as session:
        session.add_all([row_of(Domain, ANNA), row_of(Domain, ANNA), row_of(Domain, BERT), row_of(Job, ANNA)])
    expected = frozenset({Changed("domains", ANNA), Changed("domains", BERT), Changed("jobs", ANNA)})
    assert heard == [expected]
    assert read_since(any_store, 0) == (3, expected)


@pytest.mark.parametrize("deed", ["change", "removal"])
def test_a_change_and_a_removal_are_announced(any_store: Store, heard: list[frozenset[Changed]], deed: str) -> None:
    domain = row_of(Domain, ANNA)
    with any_store.write(ENGINE_SCOPE) as session:
        session.add(domain)
    with any_store.write(Scope.of(ANNA)) as session:
        found = session.get_one(Domain, (ANNA, domain.id))
        if deed == "change":
            found.name = "other.example"
        else:
            session.delete(found)
    assert heard == [{Changed("domains", ANNA)}] * 2


def test_rows_nobody_watches_are_not_announced(any_store: Store, heard: list[frozenset[Changed]]) -> None:
    with any_store.write(ENGINE_SCOPE) as session:
        session.add(row_of(Price, AGENCY))
    assert (heard, newest_seq(any_store)) == ([], 0)


def test_the_age_of_an_observation_alone_has_a_topic_of_its_own(
    any_store: Store, heard: list[frozenset[Changed]]
) -> None:
    fleet = settle(any_store)
    heard.clear()
    later = NOW + timedelta(hours=1)
    for values in ({"seen_at": later}, {"seen_at": later}, {"seen_at": NOW, "health": "critical"}):
        with any_store.write(ENGINE_SCOPE) as session:
            server = session.get_one(Server, (AGENCY, fleet.shared))
            for name, value in values.items():
                setattr(server, name, value)
    assert heard == [{Changed(AGES, AGENCY)}, {Changed("servers", AGENCY)}]


def test_a_rollback_announces_nothing(any_store: Store, heard: list[frozenset[Changed]]) -> None:
    def give_up() -> None:
        with any_store.write(ENGINE_SCOPE) as session:
            session.add(row_of(Domain, ANNA))
            session.flush()
            raise RuntimeError("no further")

    with pytest.raises(RuntimeError, match="no further"):
        give_up()
    assert (heard, newest_seq(any_store)) == ([], 0)


def test_the_end_of_a_savepoint_is_no_commit(any_store: Store, heard: list[frozenset[Changed]]) -> None:
    """Who reads on being told sees what was told of."""
    seen: list[int] = []
    any_store.feed.subscribe(lambda _changes: seen.append(count_of_domains(any_store)))
    with any_store.write(ENGINE_SCOPE) as session:
        with session.begin_nested():
            session.add(row_of(Domain, ANNA))
        assert heard == []
        session.add(row_of(Domain, ANNA))

    assert heard == [{Changed("domains", ANNA)}]
    assert seen == [2]
    assert read_since(any_store, 0)[1] == {Changed("domains", ANNA)}


def count_of_domains(store: Store) -> int:
    with store.read(ENGINE_SCOPE) as session:
        return session.scalar(select(func.count()).select_from(Domain)) or 0


def test_what_stands_before_a_savepoint_that_is_rolled_back_is_announced(
    any_store: Store, heard: list[frozenset[Changed]]
) -> None:
    with any_store.write(ENGINE_SCOPE) as session:
        session.add(row_of(Domain, ANNA))
        session.flush()
        savepoint = session.begin_nested()
        session.add(row_of(Domain, BERT))
        session.flush()
        savepoint.rollback()
    assert Changed("domains", ANNA) in heard[0]
    assert heard[0] == read_since(any_store, 0)[1]


def test_an_announcement_by_hand_goes_the_same_way(any_store: Store, heard: list[frozenset[Changed]]) -> None:
    with any_store.write(ENGINE_SCOPE) as session:
        announce(session, Changed("samples", AGENCY))
    assert heard == [{Changed("samples", AGENCY)}]
    assert read_since(any_store, 0) == (1, frozenset({Changed("samples", AGENCY)}))


def test_the_numbers_count_over_all_workspaces_whatever_the_writer_may_see(any_store: Store) -> None:
    for workspace in (ANNA, BERT, ANNA, BERT):
        with any_store.write(Scope.of(workspace)) as session:
            session.add(row_of(Domain, workspace))
    with any_store.read(ENGINE_SCOPE) as session:
        found = session.execute(select(Change.seq, Change.tenant_id).order_by(Change.seq)).tuples().all()
    assert found == [(1, ANNA), (2, BERT), (3, ANNA), (4, BERT)]


def test_the_numbers_go_on_after_old_changes_were_swept(any_store: Store) -> None:
    """A client that stands at a number would hear nothing more if they began again."""
    for _ in range(3):
        with any_store.write(ENGINE_SCOPE) as session:
            session.add(row_of(Domain, ANNA))
    stands_at = newest_seq(any_store)
    with any_store.read(ENGINE_SCOPE) as session:
        later = (session.scalar(select(func.max(Change.at))) or NOW) + timedelta(days=2)

    sweep(any_store, later, FEATURES.retention())
    with any_store.write(ENGINE_SCOPE) as session:
        session.add(row_of(Domain, BERT))

    assert read_since(any_store, stands_at) == (stands_at + 1, frozenset({Changed("domains", BERT)}))


def test_a_listener_that_fails_keeps_nobody_else_from_hearing(
    any_store: Store, heard: list[frozenset[Changed]], caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_changes: frozenset[Changed]) -> None:
        raise ValueError("a bug of the listener's")

    any_store.feed.subscribe(fail)
    later: list[frozenset[Changed]] = []
    any_store.feed.subscribe(later.append)
    with any_store.write(ENGINE_SCOPE) as session:
        session.add(row_of(Domain, ANNA))
    assert heard == later == [{Changed("domains", ANNA)}]
    assert "A listener of the change feed failed" in caplog.text


def test_who_no_longer_listens_is_told_nothing(any_store: Store) -> None:
    told: list[frozenset[Changed]] = []
    end = any_store.feed.subscribe(told.append)
    end()
    end()
    with any_store.write(ENGINE_SCOPE) as session:
        session.add(row_of(Domain, ANNA))
    assert told == []


def test_a_reader_never_passes_a_change_that_commits_later(any_store: Store) -> None:
    """Two writers at once: whoever has the lower number is heard of first, or the reader would go past it."""
    seen: list[Changed] = []
    seq = 0
    other = threading.Thread(target=write_domain, args=(any_store, BERT))

    def read() -> None:
        nonlocal seq
        seq, fresh = read_since(any_store, seq)
        seen.extend(fresh)

    def while_we_commit(_session: ScopedSession) -> None:
        other.start()
        until(lambda: not other.is_alive() or is_waiting(any_store), "the other writer to end or wait")
        read()

    with any_store.write(ENGINE_SCOPE) as session:
        session.add(row_of(Domain, ANNA))
        event.listen(session, "before_commit", while_we_commit)
    other.join(20)
    read()

    assert set(seen) == {Changed("domains", ANNA), Changed("domains", BERT)}


def write_domain(store: Store, workspace: UUID) -> None:
    with store.write(ENGINE_SCOPE) as session:
        session.add(row_of(Domain, workspace))


def is_waiting(store: Store) -> bool:
    """Another writer is attached to a lock: on SQLite whoever begins while one writes."""
    if store.address.is_sqlite:
        return True
    with store.engine("app").connect() as connection:
        return bool(connection.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")))


@pytest.fixture
def neighbour(any_store: Store) -> Iterator[Store]:
    """Another process's store on the same database."""
    store = Store(any_store.address)
    yield store
    store.close()


@pytest.fixture
def watched(neighbour: Store) -> Iterator[set[Changed]]:
    """What the neighbour's listeners are told while its watcher runs."""
    told: set[Changed] = set()
    neighbour.feed.subscribe(told.update)
    watcher = FeedWatcher(neighbour)
    watcher.start()
    yield told
    watcher.close()


def test_two_stores_on_one_database_hear_of_each_other(any_store: Store, watched: set[Changed]) -> None:
    """The first changes may come before the watcher stands at a number: so we write until it hears."""
    accounts = [row_of(Account, AGENCY) for _ in range(200)]

    def write_one() -> bool:
        with any_store.write(ENGINE_SCOPE) as session:
            session.add(accounts.pop())
        return Changed("accounts", AGENCY) in watched

    until(write_one, "the other store to hear")
    with any_store.write(ENGINE_SCOPE) as session:
        session.add(row_of(Domain, BERT))
    until(lambda: Changed("domains", BERT) in watched, "the other store to hear")


def test_a_watcher_outlives_a_database_that_goes_away(
    any_store: Store, neighbour: Store, watched: set[Changed], monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = threading.Event()

    def broken(*_given: object) -> object:
        failed.set()
        raise OperationalError("SELECT 1", {}, Exception("the connection is lost"))

    with monkeypatch.context() as patch:
        patch.setattr(feed, "read_since", broken)
        with any_store.write(ENGINE_SCOPE) as session:
            announce(session, Changed("unheard", AGENCY))
        assert failed.wait(60)
    names: list[Callable[[], Server | Workspace]] = [lambda: row_of(Workspace, uuid4())] * 200

    def write_one() -> bool:
        with any_store.write(ENGINE_SCOPE) as session:
            session.add(names.pop()())
        return any(change.topic == "workspaces" for change in watched)

    until(write_one, "the watcher to hear again")


def test_what_this_process_told_at_its_commit_is_not_told_again(any_store: Store) -> None:
    other = Store(any_store.address)
    with any_store.write(ENGINE_SCOPE) as session:
        announce(session, Changed("own", AGENCY))
    with other.write(ENGINE_SCOPE) as session:
        announce(session, Changed("foreign", AGENCY))
    with any_store.write(ENGINE_SCOPE) as session:
        announce(session, Changed("lost", AGENCY))
        session.rollback()
    with other.write(ENGINE_SCOPE) as session:
        announce(session, Changed("in its place", AGENCY))
    other.close()

    _seq, changes = read_since(any_store, 0, any_store.feed.own)
    assert {change.topic for change in changes} == {"foreign", "in its place"}
