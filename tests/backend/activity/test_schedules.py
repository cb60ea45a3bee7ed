"""A schedule is paused, goes on without catching up, is listed either way, and tells what came of its times."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import select

from backend.activity.requests import PauseSchedule
from backend.activity.settings import pause
from backend.bootstrap import Installation
from backend.core.errors import Refused
from backend.engine.schedule_queries import ScheduleHistory, ScheduleRow, Schedules
from backend.store.schema.operations import Schedule, ScheduleRun
from backend.store.scope import AGENCY, ENGINE_SCOPE, Scope
from tests.installation import ask, held_installation
from tests.sample_data.servers import CLIENTS, add_fleet, client_id, server_id


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[Installation]:
    with held_installation(tmp_path / "data") as installation:
        add_fleet(installation, 12)
        yield installation


def rows(installation: Installation, scope: Scope | None = None) -> dict[str, ScheduleRow]:
    found = ask(installation, Schedules(scope or Scope.of(AGENCY), installation.kinds))
    return {row.kind: row for row in found}


def apply(installation: Installation, asked: PauseSchedule) -> str:
    with installation.store.write(ENGINE_SCOPE) as session:
        return pause(session, asked, installation.clock.now())


def test_a_paused_one_is_still_listed_last_and_goes_on_from_its_next_time(fleet: Installation) -> None:
    row = rows(fleet)["billing.read"]
    assert apply(fleet, PauseSchedule(row.id, is_paused=True)) == "billing.read"
    with fleet.store.write(ENGINE_SCOPE) as session:
        session.get_one(Schedule, (AGENCY, row.id)).next_at = fleet.clock.now() - timedelta(days=3)
    assert list(rows(fleet))[-2:] == ["billing.read", "secrets.renew_due"]  # that one is paused from the first
    assert not rows(fleet)["billing.read"].enabled

    apply(fleet, PauseSchedule(row.id, is_paused=False))

    again = rows(fleet)["billing.read"]
    assert again.enabled
    assert again.next_at > fleet.clock.now()


def test_a_start_of_the_engine_leaves_it_paused(fleet: Installation) -> None:
    row = rows(fleet)["orphans.scan"]
    apply(fleet, PauseSchedule(row.id, is_paused=True))
    fleet.prepare_store()

    assert not rows(fleet)["orphans.scan"].enabled


def test_one_that_is_not_there_is_refused(fleet: Installation) -> None:
    with pytest.raises(Refused, match="no longer exists"):
        apply(fleet, PauseSchedule(uuid4(), is_paused=True))


def test_it_carries_what_a_person_asks_for_who_runs_it_now(fleet: Installation) -> None:
    assert {row.request.kind for row in rows(fleet).values() if row.request is not None} == set(rows(fleet))


def test_its_history_is_newest_first_and_a_client_sees_that_of_its_servers_alone(fleet: Installation) -> None:
    now = fleet.clock.now()
    with fleet.store.write(ENGINE_SCOPE) as session:
        made = session.scalars(select(Schedule).where(Schedule.kind == "orphans.scan")).one()
        made.subject, schedule_id = str(server_id(0)), made.id
        for hours, outcome in ((9, "started"), (3, "skipped")):
            run = ScheduleRun(tenant_id=AGENCY, id=uuid4(), schedule_id=schedule_id, outcome=outcome)
            run.due_at = now - timedelta(hours=hours)
            session.add(run)

    history = ask(fleet, ScheduleHistory(Scope.of(AGENCY), schedule_id))
    assert [run.outcome for run in history] == ["skipped", "started"]
    assert list(rows(fleet, Scope.of(client_id(CLIENTS[0])))) == ["orphans.scan"]
    assert rows(fleet, Scope.of(client_id(CLIENTS[1]))) == {}
    assert ask(fleet, ScheduleHistory(Scope.of(client_id(CLIENTS[1])), schedule_id)) == ()
