"""Activity: steps, question, log, and what can be done about a job."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from backend.bootstrap import Installation
from backend.store.schema.operations import Job, WishRow
from backend.store.scope import AGENCY, ENGINE_SCOPE
from tests.app.person import Person
from tests.fleet.jobs import FAILED, RUNNING, WAITING
from widgets.sheet import Sheet


def chosen(person: Person, job: object) -> Any:
    page = person.activity()
    page.choose(job)
    person.wait(lambda: page.detail._row is not None and page.detail._row.id == job, "the job to be chosen")
    person.settle()
    return page


def wishes(installation: Installation, kind: str) -> list[dict[str, object]]:
    with installation.store.read(ENGINE_SCOPE) as session:
        return [dict(row.payload) for row in session.scalars(select(WishRow).where(WishRow.kind == kind))]


def test_a_waiting_job_asks_where_it_stopped_and_the_yes_carries_the_fingerprint(
    watcher: Person, fleet: Installation
) -> None:
    detail = chosen(watcher, WAITING).detail

    assert detail.box is not None
    assert watcher.sees("+7.20 USD a month", detail.box)
    watcher.click(detail.box.act)

    watcher.wait(lambda: wishes(fleet, "job.confirm"), "the yes")
    (wish,) = wishes(fleet, "job.confirm")
    assert (wish["job_id"], wish["fingerprint"]) == (str(WAITING), "f" * 16)


def test_the_effect_sheet_says_the_same_and_more(watcher: Person, fleet: Installation) -> None:
    detail = chosen(watcher, WAITING).detail

    watcher.click(detail.box.sheet)
    sheet = watcher.dialog(Sheet)
    assert watcher.sees("6 to 9 min", sheet)
    watcher.click(sheet.keep)

    assert wishes(fleet, "job.confirm") == []


def test_a_failed_job_shows_its_cause_and_can_be_tried_from_any_step_it_began(
    watcher: Person, fleet: Installation
) -> None:
    detail = chosen(watcher, FAILED).detail

    assert "does not answer over SSH" in detail.notice.text
    assert "port 22" in detail.notice.text
    assert detail.retry.isVisible()
    assert detail.roll_back.isVisible()
    assert not detail.cancel.isVisible()
    steps = {action.text(): action for action in detail.retry_from.menu().actions()}
    assert "First login over SSH" in steps
    assert "Tidy up and hand over" not in steps
    steps["Wait until it runs"].trigger()

    watcher.wait(lambda: wishes(fleet, "job.retry"), "the retry")
    assert wishes(fleet, "job.retry") == [{"job_id": str(FAILED), "from_step": "boot"}]


def test_rolling_back_asks_first(watcher: Person, fleet: Installation) -> None:
    detail = chosen(watcher, FAILED).detail

    watcher.click(detail.roll_back)
    sheet = watcher.dialog(Sheet)
    assert wishes(fleet, "job.roll_back") == []
    watcher.click(sheet.act)

    watcher.wait(lambda: wishes(fleet, "job.roll_back"), "the wish")


def test_a_running_job_shows_progress_estimates_and_whose_time_it_is(watcher: Person) -> None:
    detail = chosen(watcher, RUNNING).detail
    lines = {line.title: line for line in detail.progress.lines}

    assert lines["Wait until it runs"].is_current
    assert "40 %" in lines["Wait until it runs"].note
    assert lines["Wait until it runs"].time.endswith("so far")
    assert lines["First login over SSH"].time == "about 30 s"
    assert "waited" in detail.facts.text()
    assert detail.cancel.isVisible()


def test_cancelling_is_a_wish(watcher: Person, fleet: Installation) -> None:
    detail = chosen(watcher, RUNNING).detail

    watcher.click(detail.cancel)

    watcher.wait(lambda: wishes(fleet, "job.cancel"), "the wish")
    assert wishes(fleet, "job.cancel") == [{"job_id": str(RUNNING)}]


def test_a_job_that_moves_on_is_followed(watcher: Person, fleet: Installation) -> None:
    detail = chosen(watcher, RUNNING).detail
    with fleet.store.write(ENGINE_SCOPE) as session:
        job = session.get_one(Job, (AGENCY, RUNNING))
        job.state, job.cause, job.remedy = "failed", "The provider is closed.", "Try again tomorrow."

    watcher.wait(lambda: "The provider is closed." in detail.notice.text, "the failure")
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
    assert "The order goes out" in detail.log.toPlainText()


def test_schedules_name_their_next_run(watcher: Person) -> None:
    page = watcher.activity()
    page.chips.choose("schedules")

    titles = [row.title for row in page.schedules.records.rows]
    assert "Tidy the database" in titles


def test_the_side_bar_counts_what_waits(watcher: Person) -> None:
    watcher.activity()
    button = watcher.window.sidebar._buttons["activity"]

    watcher.wait(lambda: button.accessibleName() == "Activity, 1", "the count")
