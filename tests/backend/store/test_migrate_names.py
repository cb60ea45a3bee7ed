"""Requests, jobs and schedules that were stored under other words are there under today's."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import MetaData, Table, inspect, select, text

from backend.core.paths import DataFolder
from backend.store import migrate as upgrade
from backend.store.audit import first_broken
from backend.store.database import Store, StoreAddress
from backend.store.migrate import migrate
from backend.store.schema.fleet import Account, OrphanScan
from backend.store.schema.operations import AuditRow, Job, JobStep, RequestRow, Schedule, ScheduleRun
from backend.store.scope import AGENCY, ENGINE_SCOPE
from tests.backend.store.conftest import NOW

OpenStore = Callable[[StoreAddress], Store]

BEFORE = "0005"
PLAIN: dict[str, Any] = {"VARCHAR": "x", "TEXT": "", "INTEGER": 1, "BIGINT": 1, "BOOLEAN": False, "JSON": {}}


@pytest.fixture
def before(address: StoreAddress, folder: DataFolder, open_store: OpenStore, tmp_path: Path) -> Store:
    """A store as the version before today's words left it."""
    store = open_store(address)
    with pytest.MonkeyPatch.context() as patch:
        earlier = tmp_path / "earlier"
        shutil.copytree(upgrade.MIGRATIONS, earlier, ignore=shutil.ignore_patterns("__pycache__"))
        for later in sorted((earlier / "versions").glob("[0-9]*.py")):
            if later.name[:4] > BEFORE:
                later.unlink()
        patch.setattr(upgrade, "MIGRATIONS", earlier)
        migrate(store, folder, NOW)
    return store


def put(store: Store, name: str, **values: Any) -> None:
    """A row as an earlier program wrote it: what the table demands and no value is given for gets a plain one."""
    with store.write(ENGINE_SCOPE) as session:
        connection = session.connection()
        table = Table(name, MetaData(), autoload_with=connection)
        row = {"tenant_id": AGENCY, **values}
        for column in table.columns:
            if column.name not in row and not column.nullable:
                kind = str(column.type).split("(")[0].split(" ")[0]
                row[column.name] = NOW if kind in ("DATETIME", "TIMESTAMP") else PLAIN.get(kind, uuid4())
        plain = {key: _as_stored(value, table.columns[key].type) for key, value in row.items()}
        connection.execute(table.insert().values(plain))


def _as_stored(value: Any, kind: Any) -> Any:
    """SQLite's own tables say of an id that it is text."""
    return value.hex if isinstance(value, UUID) and str(kind).startswith("CHAR") else value


def only(store: Store, kind: type[Any]) -> Any:
    with store.read(ENGINE_SCOPE) as session:
        return session.scalars(select(kind)).one()


def test_requests_and_jobs_are_there_with_today_s_kinds(before: Store, folder: DataFolder) -> None:
    job, schedule = uuid4(), uuid4()
    put(
        before,
        "wish",
        id=job,
        kind="orphans.look",
        payload={"a": 1},
        author=f"timetable:{schedule}",
        at=NOW,
        taken_at=NOW,
    )
    put(
        before,
        "job",
        id=job,
        kind="server.reverse",
        wish={"ip": "192.0.2.1"},
        author=f"timetable:{schedule}",
        wished_at=NOW,
    )

    assert migrate(before, folder, NOW)

    request, kept = only(before, RequestRow), only(before, Job)
    assert (request.id, request.kind, request.payload, request.handled_at) == (job, "orphans.scan", {"a": 1}, NOW)
    assert (kept.kind, kept.request, kept.requested_at) == ("server.reverse_dns", {"ip": "192.0.2.1"}, NOW)
    assert request.author == kept.author == f"schedule:{schedule}"
    assert kept.cancel_requested is False


def test_what_a_person_asked_for_keeps_its_author(before: Store, folder: DataFolder) -> None:
    put(before, "job", id=uuid4(), kind="server.power", author="timetables inc", wished_at=NOW)
    assert migrate(before, folder, NOW)
    assert (only(before, Job).author, only(before, Job).kind) == ("timetables inc", "server.power")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("orphans.look", "orphans.scan"),
        ("charges.ask", "billing.read"),
        ("store.tidy", "store.maintain"),
        ("server.adopt", "server.manage"),
        ("server.release", "server.unmanage"),
    ],
)
def test_schedules_keep_their_id_and_their_runs(before: Store, folder: DataFolder, old: str, new: str) -> None:
    schedule = uuid4()
    put(before, "schedule", id=schedule, kind=old, subject="", every_s=60, grace_s=60, next_at=NOW, enabled=True)
    put(before, "tick", id=uuid4(), schedule_id=schedule, due_at=NOW, outcome="started")
    assert migrate(before, folder, NOW)
    assert (only(before, Schedule).id, only(before, Schedule).kind) == (schedule, new)
    assert (only(before, ScheduleRun).schedule_id, only(before, ScheduleRun).due_at) == (schedule, NOW)


def test_a_step_under_way_is_found_by_its_key(before: Store, folder: DataFolder) -> None:
    job = uuid4()
    put(before, "job", id=job, kind="server.firewall", wished_at=NOW)
    put(before, "job_step", job_id=job, number=4, key="guard", state="running")
    assert migrate(before, folder, NOW)
    assert only(before, JobStep).key == "attach"


def test_accounts_and_their_scans_say_when_they_were_checked(before: Store, folder: DataFolder) -> None:
    account = uuid4()
    put(before, "account", id=account, provider="linode", state="verified", looked_at=NOW)
    put(before, "orphan_look", account_id=account, resource="server", looked_at=NOW, trouble="no")
    assert migrate(before, folder, NOW)
    assert only(before, Account).checked_at == NOW
    assert (only(before, OrphanScan).checked_at, only(before, OrphanScan).trouble) == (NOW, "no")


def test_the_audit_log_is_not_written_over(before: Store, folder: DataFolder) -> None:
    from backend.store.audit import record

    with before.write(ENGINE_SCOPE) as session:
        record(session, at=NOW, actor="timetable:7", action="server.reverse", subject="mx1.example.net")
    assert migrate(before, folder, NOW)
    with before.read(ENGINE_SCOPE) as session:
        assert first_broken(session) is None
    assert (only(before, AuditRow).actor, only(before, AuditRow).action) == ("timetable:7", "server.reverse")


def test_no_table_column_or_index_has_an_old_word(before: Store, folder: DataFolder) -> None:
    assert migrate(before, folder, NOW)
    with before.engine("app").connect() as connection:
        seen = inspect(connection)
        names = set(seen.get_table_names())
        for name in list(names):
            names |= {column["name"] for column in seen.get_columns(name)} | {
                str(index["name"]) for index in seen.get_indexes(name)
            }
        assert not [name for name in names if "wish" in name or "tick" in name or "look" in name]
        assert connection.execute(text("SELECT count(*) FROM request")).scalar() == 0
