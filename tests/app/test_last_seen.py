"""What is new since the last visit: kept over starts and absences, shown on the Overview until it is dismissed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication

from app.shell.session.last_seen import ABSENCE, LastSeen
from app.shell.session.settings import SettingsFile
from backend.bootstrap import Installation
from tests.app.conftest import NewConsole
from tests.clocks import StillClock

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.fixture
def settings(tmp_path: Path) -> SettingsFile:
    return SettingsFile(tmp_path / "settings.json")


def last_seen(settings: SettingsFile, clock: StillClock, owner: QObject) -> LastSeen:
    return LastSeen(settings, clock.now, owner)


def test_the_last_visit_ended_when_the_window_closed(qapp: QApplication, settings: SettingsFile) -> None:
    owner, clock = QObject(), StillClock(NOON)
    first = last_seen(settings, clock, owner)
    assert first.since is None
    clock.at += timedelta(hours=1)
    first.close()

    clock.at += timedelta(days=1)

    assert last_seen(settings, clock, owner).since == NOON + timedelta(hours=1)


@pytest.mark.parametrize(("absence", "is_another"), [(ABSENCE, True), (ABSENCE - timedelta(seconds=1), False)])
def test_a_long_absence_begins_another_visit(
    qapp: QApplication, settings: SettingsFile, absence: timedelta, is_another: bool
) -> None:
    owner, clock = QObject(), StillClock(NOON)
    mine = last_seen(settings, clock, owner)
    mine.leave()
    clock.at += absence
    mine.keep()  # nobody is here: the minute's timer must not count as presence

    mine.come_back()

    assert mine.since == (NOON if is_another else None)


@pytest.mark.parametrize("kept", ["yesterday", "", "2026-11-22T12:00:00"])
def test_a_moment_nobody_wrote_is_none(qapp: QApplication, settings: SettingsFile, kept: str) -> None:
    settings.change(seen_at=kept)
    owner = QObject()
    assert last_seen(settings, StillClock(NOON), owner).since is None


def test_the_overview_tells_what_happened_until_it_was_seen(new_console: NewConsole, fleet: Installation) -> None:
    before = fleet.clock.now() - timedelta(days=30)
    SettingsFile(fleet.folder.settings).change(seen_at=before.isoformat())
    person = new_console()
    page = person.overview()
    person.wait(page.news.isVisible, "the news")
    told = page.news.lines.accessibleDescription()
    assert "New server" in told
    assert "failed: " in told
    assert "events since" in page.news.note.text()

    person.click(page.news.button)
    person.wait(lambda: not page.news.isVisible(), "the news to go")

    assert person.services.last_seen.since is not None
    assert person.services.last_seen.since > before


def test_at_the_first_visit_nothing_is_new(new_console: NewConsole, fleet: Installation) -> None:
    page = new_console().overview()
    assert not page.news.isVisible()
