"""How the jobs of one act on several servers stand, in one line."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from app.pages.servers.bulk_sheets import BulkSheet
from app.pages.servers.job_strip import UnderWay
from app.shell.requests.outcomes import Settled
from app.shell.window.together_strip import TogetherStrip
from backend.bootstrap import Installation
from backend.core.errors import Refused
from backend.engine.payload import Request
from backend.engine.queries import JobRow
from backend.store.schema.operations import Job
from backend.store.scope import AGENCY, ENGINE_SCOPE
from tests.app.person import Person
from tests.app.test_server_acts import mark
from tests.sample_data.servers import client_id, server_id

NOW = datetime(2026, 11, 22, 14, 0, tzinfo=UTC)


def job(state: str, *, about: UUID | None = None) -> JobRow:
    return JobRow(
        *(AGENCY, uuid4(), "server.power", "Reboot", "mx1", about, "person", state, "forward", 33, ""),
        *("", "", False, False, NOW, NOW, None, None),
    )


def test_what_is_done_under_way_and_failed_is_counted(qtbot: Any) -> None:
    strip = TogetherStrip()
    qtbot.addWidget(strip)
    rows = [job("succeeded"), job("succeeded"), job("running"), job("failed")]
    strip.follow([row.id for row in rows] + [uuid4()])

    strip.show_jobs([*rows, job("failed")])
    assert strip.words.text() == "Reboot: 2 done, 2 under way, 1 failed"

    strip.leave()
    strip.show_jobs(rows)
    assert strip.isHidden()


def reboots(fleet: Installation, count: int, state: str, *, minutes: int) -> tuple[UUID, ...]:
    """Jobs of a person, asked for so long ago."""
    at = datetime.now(UTC) - timedelta(minutes=minutes)
    ids = tuple(uuid4() for _each in range(count))
    with fleet.store.write(ENGINE_SCOPE) as session:
        for job_id in ids:
            server = server_id(1)
            asked = {"server_id": str(server), "action": "reboot"}
            row = Job(tenant_id=AGENCY, id=job_id, kind="server.power", version=1, request=asked, about="mx1", run=1)
            row.about_id, row.author, row.lane, row.state, row.requested_at = server, "person", "x", state, at
            session.add(row)
    return ids


def end(fleet: Installation, ids: tuple[UUID, ...]) -> None:
    with fleet.store.write(ENGINE_SCOPE) as session:
        for job in session.scalars(select(Job).where(Job.id.in_(ids))):
            job.state = "succeeded"


def test_jobs_that_many_newer_ones_came_after_come_to_their_end(watcher: Person, fleet: Installation) -> None:
    page = watcher.servers()
    together = reboots(fleet, 130, "queued", minutes=2)
    reboots(fleet, 120, "succeeded", minutes=1)
    page.acting.began.emit(together)
    watcher.wait(lambda: page.together.words.text().endswith("0 done, 130 under way"), "all of them")

    end(fleet, together)

    watcher.wait(lambda: page.together.words.text().endswith(": 130 done"), "the end of the last")


def test_a_row_says_what_runs_whatever_was_asked_for_since(watcher: Person, fleet: Installation) -> None:
    page = watcher.servers()
    reboots(fleet, 1, "running", minutes=2)
    reboots(fleet, 120, "succeeded", minutes=1)

    watcher.wait(lambda: page.under_way.runs_on(server_id(1)), "the job in the row")


def test_what_was_asked_for_in_one_workspace_is_not_told_in_another(watcher: Person, fleet: Installation) -> None:
    page = watcher.servers()
    page.acting.began.emit(reboots(fleet, 2, "running", minutes=1))
    watcher.wait(page.together.isVisible, "both jobs")

    watcher.services.view.choose(client_id("Cedar Legal"))
    watcher.settle()

    assert not page.together.isVisible()


def test_a_refused_one_is_not_waited_for(watcher: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    page = watcher.servers()
    began: list[tuple[UUID, ...]] = []
    page.acting.began.connect(began.append)
    settled: list[Settled] = []
    ids = [uuid4(), uuid4(), uuid4()]

    def submit(_owner: object, _workspace: UUID, _request: Request, heard: Settled) -> UUID:
        settled.append(heard)
        return ids[len(settled) - 1]

    monkeypatch.setattr(watcher.services.submit, "ask", submit)
    mark(page, 1, 6, 7)
    watcher.click(page.bulk.buttons["reboot"])
    watcher.click(watcher.dialog(BulkSheet).act)
    settled[0](None)
    settled[1](Refused("The server has a job under way."))
    settled[2](None)

    assert began == [(ids[0], ids[2])]


def test_a_row_says_what_is_done_to_its_server() -> None:
    server, under_way = uuid4(), UnderWay()

    assert under_way.learn([job("running", about=server), job("succeeded", about=uuid4())])
    assert under_way.doing(server) == "Rebooting"
    assert under_way.words(server) == "Rebooting 33 %"
    assert not under_way.runs_on(uuid4())
