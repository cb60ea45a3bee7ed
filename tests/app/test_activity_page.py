"""Activity: steps, question, log, and what can be done about a job."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from PySide6.QtCore import Qt
from sqlalchemy import select

from app.pages.activity.detail import last_lines
from app.pages.activity.question_box import QuestionBox
from app.shell.route import Thing
from backend.bootstrap import Installation
from backend.core.present import format as words
from backend.core.present import times
from backend.engine.payload import to_plain
from backend.engine.plan import Effect, Question
from backend.engine.schedule_queries import ScheduleRow
from backend.store.schema.operations import Job, RequestRow
from backend.store.scope import AGENCY, ENGINE_SCOPE
from tests.app.person import Person
from tests.sample_data.jobs import FAILED, RUNNING, WAITING
from tests.sample_data.servers import CLIENTS, UNUSED, client_id
from widgets.band import ModeBand
from widgets.label import Label
from widgets.sheet import Sheet
from widgets.status_badge import StatusBadge
from widgets.status_mark import StatusMark


def chosen(person: Person, job: object) -> Any:
    page = person.activity()
    page.choose(job)
    person.wait(lambda: page.detail._row is not None and page.detail._row.id == job, "the job to be chosen")
    person.settle()
    return page


def requests(installation: Installation, kind: str) -> list[dict[str, object]]:
    with installation.store.read(ENGINE_SCOPE) as session:
        return [dict(row.payload) for row in session.scalars(select(RequestRow).where(RequestRow.kind == kind))]


def test_a_waiting_job_asks_where_it_stopped_and_the_yes_carries_the_fingerprint(
    watcher: Person, fleet: Installation
) -> None:
    detail = chosen(watcher, WAITING).detail

    assert detail.box is not None
    assert watcher.sees("+7.20 USD", detail.box)
    watcher.click(detail.box.act)

    watcher.wait(lambda: requests(fleet, "job.confirm"), "the yes")
    (request,) = requests(fleet, "job.confirm")
    assert (request["job_id"], request["fingerprint"]) == (str(WAITING), "f" * 16)


def test_the_effect_sheet_says_the_same_and_more(watcher: Person, fleet: Installation) -> None:
    detail = chosen(watcher, WAITING).detail

    watcher.click(detail.box.sheet)
    sheet = watcher.dialog(Sheet)
    assert watcher.sees("6 - 9 min", sheet)
    watcher.click(sheet.keep)

    assert requests(fleet, "job.confirm") == []


def test_what_is_asked_tells_the_loss_how_long_it_holds_and_whom_it_hits(watcher: Person, fleet: Installation) -> None:
    effects = (Effect("Cost", "12.00 USD to 24.00 USD a month"), Effect("Address", "lost", "for good", is_loss=True))
    asked = Question("Dearer.", "Resize", effects, "a" * 16, valid_until=datetime.now(UTC) + timedelta(minutes=20))
    with fleet.store.write(ENGINE_SCOPE) as session:
        session.get_one(Job, (AGENCY, WAITING)).question = to_plain(asked)
    detail = chosen(watcher, WAITING).detail
    watcher.wait(lambda: detail.box is not None and watcher.sees("Dearer.", detail.box), "the question")

    (valid,) = detail.box.findChildren(StatusBadge)
    assert valid.text().startswith("Preview valid until ")
    assert len(detail.box.findChildren(StatusMark)) == 1
    watcher.click(detail.box.sheet)
    sheet = watcher.dialog(Sheet)

    (band,) = sheet.findChildren(ModeBand)
    assert band.text().endswith(CLIENTS[0])
    assert sheet.footer_state.text() == valid.text()
    assert len(sheet.findChildren(StatusMark)) == 1
    sheet.reject()


def test_a_failed_job_shows_its_cause_and_can_be_tried_from_any_step_it_began(
    watcher: Person, fleet: Installation
) -> None:
    detail = chosen(watcher, FAILED).detail

    assert "does not respond over SSH" in detail.banner.text
    assert "port 22" in detail.banner.text
    assert detail.retry.isVisible()
    assert detail.roll_back.isVisible()
    assert not detail.cancel.isVisible()
    steps = {action.text(): action for action in detail.retry_from.menu().actions()}
    assert "Log in to the server for the first time" in steps
    assert "Delete the temporary keys, mark the server as ready" not in steps
    steps["Wait until the server runs"].trigger()

    watcher.wait(lambda: requests(fleet, "job.retry"), "the retry")
    assert requests(fleet, "job.retry") == [{"job_id": str(FAILED), "from_step": "boot"}]


def test_rolling_back_asks_first(watcher: Person, fleet: Installation) -> None:
    detail = chosen(watcher, FAILED).detail

    watcher.click(detail.roll_back)
    sheet = watcher.dialog(Sheet)
    assert requests(fleet, "job.roll_back") == []
    watcher.click(sheet.act)

    watcher.wait(lambda: requests(fleet, "job.roll_back"), "the request")


def test_a_running_job_shows_progress_estimates_and_whose_time_it_is(watcher: Person) -> None:
    detail = chosen(watcher, RUNNING).detail
    lines = {line.title: line for line in detail.progress.lines}

    assert lines["Wait until the server runs"].is_current
    assert "40 %" in lines["Wait until the server runs"].note
    assert lines["Wait until the server runs"].time.endswith("so far")
    assert lines["Log in to the server for the first time"].time == "about 30 s"
    assert "waited" in detail.facts.text()
    assert detail.cancel.isVisible()


def test_cancelling_is_a_request(watcher: Person, fleet: Installation) -> None:
    detail = chosen(watcher, RUNNING).detail

    watcher.click(detail.cancel)

    watcher.wait(lambda: requests(fleet, "job.cancel"), "the request")
    assert requests(fleet, "job.cancel") == [{"job_id": str(RUNNING)}]


def test_a_job_that_moves_on_is_followed(watcher: Person, fleet: Installation) -> None:
    detail = chosen(watcher, RUNNING).detail
    with fleet.store.write(ENGINE_SCOPE) as session:
        job = session.get_one(Job, (AGENCY, RUNNING))
        job.state, job.cause, job.remedy = "failed", "The provider is closed.", "Try again tomorrow."

    watcher.wait(lambda: "The provider is closed." in detail.banner.text, "the failure")
    assert detail.retry.isVisible()


def test_chips_tell_how_many_wait_and_how_many_failed(watcher: Person) -> None:
    page = watcher.activity()

    assert page.chips._buttons["waiting"].text() == "Waiting 1"
    assert page.chips._buttons["failed"].text() == "Failed 1"
    page.chips.choose("failed")
    assert page.table.model().rowCount() == 1


def test_the_log_is_whole_and_its_end_stands_under_the_steps(watcher: Person) -> None:
    detail = chosen(watcher, RUNNING).detail

    assert "intent written, waiting for the provider" in detail.last_lines.text()
    detail.tabs.setCurrentIndex(1)
    assert "Sending the order" in detail.log.toPlainText()


def test_schedules_name_their_next_run(watcher: Person) -> None:
    page = watcher.activity()
    page.chips.choose("schedules")

    titles = [row.title for row in page.schedules.records.rows]
    assert "Maintain the database" in titles


def test_the_side_bar_counts_what_waits(watcher: Person) -> None:
    watcher.activity()
    button = watcher.window.sidebar._buttons["activity"]

    watcher.wait(lambda: button.accessibleName() == "Activity, 1", "the count")


def test_what_is_not_of_today_has_its_day(watcher: Person) -> None:
    """A job of last week, a schedule that is next due tomorrow: the clock alone would be read as today's."""
    page = chosen(watcher, FAILED)
    now = datetime.now(UTC)
    job = next(row for row in page.table.records.rows if row.id == FAILED)
    old = replace(job, requested_at=now - timedelta(days=9), resume_at=now + timedelta(days=1), state="waiting_until")
    started, result = page.table.records.columns[3], page.table.records.columns[2]
    week_day = times.day_word(old.requested_at, now)

    assert started.text(old).startswith(week_day)
    assert len(started.text(old)) > len("21:49")
    assert result.text(old) == f"Retries at {times.moment(old.resume_at, now)}"
    assert "tomorrow" in result.text(old)
    schedule = ScheduleRow(uuid4(), AGENCY, "a", "Ask", "", 86_400, now + timedelta(days=1), now, "", "", enabled=True)
    _title, interval, last, following = page.schedules.records.columns
    assert interval.text(schedule) == f"every day at {words.clock(schedule.next_at)}"
    assert following.text(schedule) == f"tomorrow {words.clock(schedule.next_at)}"
    assert following.tooltip is not None
    assert "next tomorrow" in following.tooltip(schedule)
    assert last.tooltip is not None
    assert words.exact(now) in last.tooltip(schedule)


def test_why_a_job_failed_has_room_in_a_small_window(watcher: Person) -> None:
    watcher.window.resize(1366, 768)
    page = chosen(watcher, FAILED)
    watcher.rest()
    table, result = page.table, 2
    row = next(row for row in table.records.rows if row.id == FAILED)

    said = table.records.text(result, row)
    assert said == "does not respond over SSH."
    assert f"{row.about} {said}" in table.records.columns[result].tooltip(row)
    assert table.columnWidth(result) >= table._columns._content[result]
    longer = replace(row, cause="The provider refused the request: it has no such snapshot.")
    table.set_rows([*(each for each in table.records.rows if each.id != FAILED), longer])
    assert table.columnWidth(result) >= table.fontMetrics().horizontalAdvance("The provider refused the")


def test_the_detail_and_the_filter_are_those_of_the_list_in_view(watcher: Person) -> None:
    page = watcher.activity()
    page.chips.choose("schedules")
    watcher.settle()

    assert page.schedule.isVisible()
    assert not page.detail.isVisible()
    assert page.schedule.title.text() == page.schedules.current().title
    assert page.filter.placeholderText() == "Filter schedules"
    page.filter.setText("orphan")
    assert [row.kind for row in page.schedules.records.shown] == ["orphans.scan"]


def test_a_jump_to_a_job_turns_to_the_list_that_has_it(watcher: Person) -> None:
    page = watcher.activity()
    page.chips.choose("schedules")
    page.filter.setText("nothing like it")
    watcher.overview()
    watcher.window.go(Thing("job", WAITING))
    watcher.settle()

    assert page.chips.current == "jobs"
    assert page.filter.text() == ""
    assert page.detail.isVisible()
    watcher.wait(lambda: page.detail.box is not None, "the question")


def test_a_schedule_is_run_now_and_paused_and_tells_what_came_of_it(person: Person) -> None:
    """The engine of this window does it: a job of the person's own; the schedule's next time stays."""
    page = person.activity()
    page.chips.choose("schedules")
    person.settle()
    person.wait(lambda: page.schedules.records.rows, "the schedules")
    scan = next(row for row in page.schedules.records.rows if row.kind == "orphans.scan")
    page.schedules.choose(scan.id)
    person.settle()

    person.click(page.schedule.run)
    person.wait(lambda: any(row.kind == "orphans.scan" for row in page.table.records.rows), "the job")
    person.click(page.schedule.pause)
    person.wait(lambda: page.schedule.pause.text() == "Resume", "the pause")
    assert page.schedule.badge.text() == "Paused"
    person.click(page.schedule.pause)
    person.wait(lambda: page.schedule.pause.text() == "Pause", "that it goes on")
    person.wait(lambda: page.schedule.history.records.rows, "what came of its times")


def test_a_client_without_a_schedule_is_told_so(watcher: Person) -> None:
    page = watcher.activity()
    page.chips.choose("schedules")
    watcher.services.view.choose(client_id(CLIENTS[0]))
    watcher.settle()

    assert page.empty.isVisible()
    assert page.empty.title.text() == "No schedules"
    assert page.schedule.title.text() == ""


@pytest.mark.parametrize(
    ("lines", "state", "text"),
    [
        ([], "succeeded", "none"),
        ([], "failed", "none"),
        ([], "running", "nothing yet"),
        (list("abcd"), "running", "b\nc\nd"),
    ],
)
def test_a_job_that_ended_without_a_line_promises_none(lines: list[str], state: str, text: str) -> None:
    assert last_lines(lines, state) == text


def test_beside_an_empty_list_stands_no_job_of_another_workspace(watcher: Person) -> None:
    page = watcher.activity()
    page.choose(FAILED)
    watcher.settle()
    assert page.detail.isVisible()

    watcher.services.view.choose(client_id(UNUSED))
    watcher.wait(page.empty.isVisible, "the empty list")

    assert not page.detail.isVisible()
    assert not watcher.sees("does not respond over SSH")


def test_the_effects_of_a_question_begin_in_line_and_long_ones_have_the_width(qtbot: Any) -> None:
    effects = (
        Effect("Cost", "12.00 to 24.00 USD a month"),
        Effect("Downtime", "none"),
        Effect("Mail", "none lost"),
    )
    box = QuestionBox(Question("s-2vcpu-4gb costs more now.", "Resize", effects, "f" * 16))
    qtbot.addWidget(box)
    box.resize(420, 200)
    box.show()

    cost, away, mail = (next(each for each in box.findChildren(Label) if each.text() == said.value) for said in effects)

    assert cost.y() == away.y() == mail.y()
    assert all(each.alignment() & Qt.AlignmentFlag.AlignTop for each in (cost, away, mail))
    assert cost.width() > 1.5 * mail.width()
