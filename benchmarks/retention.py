"""How large a year of work makes the app database, with the nightly sweep and without it.

``python -m benchmarks.retention [--days 365] [--accounts 5] [--servers 1000]`` writes the rows that the engine writes
on a day, day by day: the schedule's jobs of every account, and fifty jobs of people. Every ninety days it
tells the size, and by how much it grows a day.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Column, Table, insert

from backend.core.paths import DataFolder
from backend.features import FEATURES
from backend.store.database import Store, StoreAddress
from backend.store.migrate import migrate
from backend.store.retention import sweep
from backend.store.schema.base import Base, UtcTime
from backend.store.scope import AGENCY, ENGINE_SCOPE

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
REFRESHES, OTHER_SCHEDULED, BY_PEOPLE = 288, 6, 50  # a day; the refreshes are for each account
STEPS, LINES = 8, 12  # of a person's job
EVENTS_A_SERVER = 1 / 7  # a day
CHANGES = 20_000  # a day
TOLD = 90  # days
SERVER = UUID(int=7)
REQUEST, TEXT = {"account_id": str(SERVER)}, "A line that says what was done, and to what."
Rows = dict[str, list[dict[str, Any]]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--accounts", type=int, default=5)
    parser.add_argument("--servers", type=int, default=1_000, help="of each account")
    given = parser.parse_args()
    for is_swept in (True, False):
        with tempfile.TemporaryDirectory() as folder:
            _run(Path(folder), given, is_swept=is_swept)


def _run(folder: Path, given: argparse.Namespace, *, is_swept: bool) -> None:
    data = DataFolder(folder)
    data.prepare()
    store = Store(StoreAddress.in_folder(data))
    migrate(store, data, BEGIN)
    _write(store, _one_server())
    began, swept_s, gone, before = time.monotonic(), 0.0, 0, 0.0
    for day in range(given.days):
        _write(store, _day(BEGIN + timedelta(days=day), given.accounts, given.servers, day))
        if is_swept:
            at = time.monotonic()
            gone += sweep(store, BEGIN + timedelta(days=day + 1), FEATURES.retention())
            swept_s += time.monotonic() - at
        if (day + 1) % TOLD == 0:
            size = _size_mb(folder)
            print(f"  day {day + 1}: {size:.0f} MB, {(size - before) / TOLD:.2f} MB a day", flush=True)
            before = size
    store.close()
    size = _size_mb(folder)
    how = f"swept nightly: {gone} rows went, {swept_s / given.days:.2f} s a night" if is_swept else "never swept"
    print(f"{given.days} days, {given.accounts} x {given.servers} servers: {size:.0f} MB, {how}", end=" ")
    print(f"({time.monotonic() - began:.0f} s)", flush=True)


def _size_mb(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.glob("app.db*")) / 1_000_000


def _one_server() -> Rows:
    """What events hang on, once: how many servers there are tells in the events alone."""
    rows: Rows = {}
    _add(rows, "account", id=SERVER, name="Main", provider="digitalocean", state="verified", scopes=[])
    _add(rows, "server", id=SERVER, account_id=SERVER, name="mx1.example.com", life="active", power="on")
    return rows


def _day(day: datetime, accounts: int, servers: int, number: int) -> Rows:
    """The rows of one day, by table."""
    rows: Rows = {}
    for at in _moments(day, accounts * REFRESHES + OTHER_SCHEDULED):
        _job(rows, at, "schedule:00000000-0000-4000-8000-000000000001", steps=1, lines=0)
        _add(rows, "schedule_run", id=uuid4(), due_at=at, outcome="started", reason="")
    for place, at in enumerate(_moments(day, BY_PEOPLE), start=1):
        _job(rows, at, "operator", steps=STEPS, lines=LINES)
        _add(rows, "audit", seq=number * BY_PEOPLE + place, at=at, previous_hash="0" * 64, hash="0" * 64)
    for at in _moments(day, round(accounts * servers * EVENTS_A_SERVER)):
        _add(rows, "server_event", id=uuid4(), server_id=SERVER, at=at, kind="drift", text=TEXT)
    changes = _moments(day, CHANGES)
    for place, at in enumerate(changes, start=1):
        _add(rows, "changes", seq=number * len(changes) + place, topic="jobs", at=at)
    return rows


def _job(rows: Rows, at: datetime, author: str, *, steps: int, lines: int) -> None:
    job_id, ended_at = uuid4(), at + timedelta(seconds=20)
    common: dict[str, Any] = {"id": job_id, "kind": "inventory.refresh", "author": author}
    _add(rows, "request", payload=REQUEST, at=at, handled_at=at, **common)
    times = {"requested_at": at, "started_at": at, "ended_at": ended_at}
    about = {"about": "An account", "about_id": SERVER, "lane": f"inventory:{SERVER}"}
    _add(rows, "job", state="succeeded", request=REQUEST, direction="forward", **common, **about, **times)
    for number in range(steps):
        _add(rows, "job_step", job_id=job_id, number=number, key="read", state="done", note=TEXT, started_at=at)
    for _line in range(lines):
        _add(rows, "job_log", id=uuid4(), job_id=job_id, at=at, level="info", text=TEXT)


def _add(rows: Rows, table: str, **values: Any) -> None:
    rows.setdefault(table, []).append({**_blank(Base.metadata.tables[table]), **values})


@cache
def _blank(table: Table) -> dict[str, Any]:
    """Something in each column that must have a value."""
    return {column.name: _something(column) for column in table.columns if not column.nullable}


def _something(column: Column[Any]) -> Any:
    if column.name == "tenant_id":
        return AGENCY
    if isinstance(column.type, UtcTime):
        return BEGIN
    return {float: 0.0, str: "", int: 1, bool: False, dict: {}, UUID: SERVER}[column.type.python_type]


def _write(store: Store, rows: Rows) -> None:
    with store.write(ENGINE_SCOPE) as session:
        for table in Base.metadata.sorted_tables:
            if table.name in rows:
                session.connection().execute(insert(table), rows[table.name])


def _moments(day: datetime, many: int) -> list[datetime]:
    return [day + timedelta(days=each / many) for each in range(many)]


if __name__ == "__main__":
    main()
