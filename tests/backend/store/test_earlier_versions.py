"""Databases of every earlier version, brought here: their rows, the jobs under way, and where runs were kept once."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import column, insert, inspect, select, table, text

from backend.core.paths import DataFolder
from backend.store import migrate as upgrade
from backend.store.database import Store, StoreAddress
from backend.store.migrate import current_revision, is_current, migrate
from backend.store.schema import Base
from backend.store.schema.fleet import Account, Server, Workspace
from backend.store.schema.operations import Job, JobStep, Schedule
from backend.store.scope import AGENCY, ENGINE_SCOPE
from tests.backend.store.conftest import NOW
from tests.backend.store.rows import Row, key_of, row_of

OpenStore = Callable[[StoreAddress], Store]


def test_the_schema_of_runs_is_dropped_on_postgresql(
    postgres_url: str, folder: DataFolder, open_store: OpenStore, tmp_path: Path
) -> None:
    store = open_store(StoreAddress.on_server(postgres_url))
    _migrate_to(store, folder, tmp_path, "0004")
    with store.engine("app").begin() as connection:
        connection.execute(text("CREATE SCHEMA jobs"))
        connection.execute(text("CREATE TABLE jobs.workflow_status (workflow_uuid text PRIMARY KEY)"))

    assert migrate(store, folder, NOW)

    assert "jobs" not in inspect(store.engine("app")).get_schema_names()


def test_a_job_under_way_in_an_earlier_version_keeps_its_state(
    address: StoreAddress, folder: DataFolder, open_store: OpenStore, tmp_path: Path
) -> None:
    """All an engine carries it on by; nothing is asked of the file that said how runs were carried."""
    store = open_store(address)
    _migrate_to(store, folder, tmp_path, "0004")
    job = row_of(Job, AGENCY, id=uuid4(), state="running")
    step = row_of(JobStep, AGENCY, job_id=job.id, number=0, state="running")
    for row in (row_of(Workspace, AGENCY), job, step):
        _insert_as_it_was(store, row)

    assert migrate(store, folder, NOW)

    (found,), (begun,) = _all(store, Job), _all(store, JobStep)
    assert (found.state, found.run, found.cut_offs) == ("running", job.run, 0)
    assert (begun.state, begun.spent_s, begun.began_at) == ("running", None, None)


def test_schedules_of_removed_accounts_go_and_others_stay_as_they_are(
    address: StoreAddress, folder: DataFolder, open_store: OpenStore, tmp_path: Path
) -> None:
    """They were kept and switched off, as those are that a person paused."""
    store = open_store(address)
    _migrate_to(store, folder, tmp_path, "0011")
    removed = row_of(Account, AGENCY, id=uuid4(), removed_at=NOW)
    living = row_of(Account, AGENCY, id=uuid4(), removed_at=None)
    schedules = [
        row_of(Schedule, AGENCY, id=uuid4(), kind="inventory.refresh", subject=subject, enabled=False)
        for subject in (str(removed.id), str(living.id), "")
    ]
    for row in (removed, living, *schedules):
        _insert_as_it_was(store, row)

    assert migrate(store, folder, NOW)

    assert {(row.subject, row.enabled) for row in _all(store, Schedule)} == {(str(living.id), False), ("", False)}


#: Columns that have another name since 0006.
ONCE_CALLED = {
    ("job", "request"): "wish",
    ("job", "requested_at"): "wished_at",
    ("job", "cancel_requested"): "cancel_wished",
    ("account", "checked_at"): "looked_at",
}
EARLIER = [script.revision for script in ScriptDirectory(str(upgrade.MIGRATIONS)).walk_revisions()][1:]


@pytest.mark.parametrize("revision", EARLIER)
def test_a_database_of_any_earlier_version_is_brought_here_with_its_rows(
    address: StoreAddress, folder: DataFolder, open_store: OpenStore, tmp_path: Path, revision: str
) -> None:
    store = open_store(address)
    _migrate_to(store, folder, tmp_path, revision)
    account = row_of(Account, AGENCY, id=uuid4())
    written = row_of(Server, AGENCY, account_id=account.id)
    rows = [row_of(Workspace, AGENCY), account, written]
    for row in rows:
        _insert_as_it_was(store, row)

    assert migrate(store, folder, NOW)

    assert is_current(store)
    found = [*_all(store, Workspace), *_all(store, Account), *_all(store, Server)]
    assert sorted(map(key_of, found)) == sorted(map(key_of, rows))
    (server,), (kept,) = _all(store, Server), _all(store, Account)
    as_written = (written.first_contact, account.scopes) if revision >= "0003" else ("handed_over", [])
    assert (server.first_contact, kept.scopes, kept.token_ends_at) == (*as_written, None)


def _migrate_to(store: Store, folder: DataFolder, scratch: Path, revision: str) -> None:
    """With the program as it was at that revision."""
    with pytest.MonkeyPatch.context() as patch:
        earlier = scratch / "earlier"
        shutil.copytree(upgrade.MIGRATIONS, earlier, ignore=shutil.ignore_patterns("__pycache__"))
        for later in sorted((earlier / "versions").glob("[0-9]*.py")):
            if later.name[:4] > revision:
                later.unlink()
        patch.setattr(upgrade, "MIGRATIONS", earlier)
        migrate(store, folder, NOW)
    assert current_revision(store) == revision


def _insert_as_it_was(store: Store, row: Base) -> None:
    """With the columns its table has there, and no default of today's program."""
    name, today = type(row).__tablename__, inspect(type(row)).columns
    with store.write(ENGINE_SCOPE) as session:
        there = {each["name"] for each in inspect(session.connection()).get_columns(name)}
        names = {each.name: each for each in today} | {
            ONCE_CALLED.get((name, each.name), each.name): each for each in today
        }
        columns = {known: each for known, each in names.items() if known in there}
        old = table(name, *(column(known, each.type) for known, each in columns.items()))
        values = {known: getattr(row, each.name) for known, each in columns.items()}
        session.connection().execute(insert(old).values(values))


def _all(store: Store, kind: type[Row]) -> list[Row]:
    with store.read(ENGINE_SCOPE) as session:
        return list(session.scalars(select(kind)))
